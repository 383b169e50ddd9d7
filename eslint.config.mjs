import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const below = {
  core: ['core'],
  engine: ['core', 'engine'],
  domain: ['core', 'engine', 'domain'],
  adapter: ['core', 'engine', 'domain', 'adapter'],
  app: ['core', 'engine', 'domain', 'adapter', 'app'],
};
const layer = (name) => `layer:${name}`;
const ENGINE_PACKAGES = ['@tensorflow/*'];
const APP_PACKAGES = ['yargs', 'fastify'];

const depConstraints = [
  ...Object.entries(below).map(([name, allowed]) => ({
    sourceTag: layer(name),
    onlyDependOnLibsWithTags: allowed.map(layer),
    bannedExternalImports:
      name === 'app'
        ? ENGINE_PACKAGES
        : name === 'engine'
          ? APP_PACKAGES
          : [...APP_PACKAGES, ...ENGINE_PACKAGES],
  })),
  { sourceTag: 'layer:tool', onlyDependOnLibsWithTags: ['layer:core'] },
  { sourceTag: 'scope:standalone', onlyDependOnLibsWithTags: ['scope:none'] },
];

export default tseslint.config(
  { ignores: ['**/dist', '**/out-tsc', '**/*.cjs', '.assay', '.nx'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        performance: 'readonly',
        SharedArrayBuffer: 'readonly',
        Atomics: 'readonly',
      },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: true, allow: [], depConstraints },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.fixture.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['libs/tensorflow/**/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
