import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { codeVersionOf } from './code-version.js';

test('the version covers the packages that a package depends on', () => {
  expect(codeVersionOf(['@assay/core'])).toMatch(/^[0-9a-f]{64}$/);
  expect(codeVersionOf(['@assay/config'])).toBe(codeVersionOf(['@assay/config', '@assay/core']));
  expect(codeVersionOf(['@assay/config'])).not.toBe(codeVersionOf(['@assay/core']));
});

test('the built program counts its built code, not a source that nobody has built', () =>
  withTempDir((dir) => {
    const root = join(dir, 'node_modules', '@assay', 'core');
    cpSync(join(__dirname, '..'), root, {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    const version = (): string =>
      execFileSync(process.execPath, ['-p', "require('@assay/core').codeVersionOf(['@assay/core'])"], {
        cwd: dir,
        encoding: 'utf8',
        env: { ...process.env, NODE_PATH: join(__dirname, '../../../node_modules') },
      });
    const before = version();
    appendFileSync(join(root, 'src/hashing.ts'), '// edited');
    expect(version()).toBe(before);
    appendFileSync(join(root, 'dist/hashing.js'), '// edited');
    expect(version()).not.toBe(before);
  }));
