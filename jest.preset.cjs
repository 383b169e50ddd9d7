const { join } = require('node:path');

// The engine reads these when it is loaded; inside a test the environment is a copy that it does not see.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';

const swc = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
  swcrc: false,
};

module.exports = {
  testEnvironment: require.resolve('./jest.environment.cjs'),
  setupFilesAfterEnv: [require.resolve('./jest.setup.cjs')],
  testMatch: ['**/src/**/*.spec.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // It exports itself to `import` only, which Jest makes a `require` of.
    '^eld/(\\w+)$': join(__dirname, 'node_modules/eld/src/entries/static.$1.js'),
  },
  transform: { '^.+\\.[cm]?[jt]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['/node_modules/(?!(cookie|eld)/)'],
  testEnvironmentOptions: { customExportConditions: ['@assay/source', 'node', 'require', 'default'] },
};
