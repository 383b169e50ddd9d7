module.exports = {
  projects: [
    '<rootDir>/libs/*/jest.config.cjs',
    '<rootDir>/apps/*/jest.config.cjs',
    '<rootDir>/tools/*/jest.config.cjs',
  ],
  testTimeout: 120_000,
  // Each worker that loads the engine holds about 400 MB.
  maxWorkers: 2,
};
