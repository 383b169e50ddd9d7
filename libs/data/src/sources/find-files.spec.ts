import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { findFiles } from './find-files.js';

const FILES = [
  'b.csv',
  'a.csv',
  'B.csv',
  'a1.csv',
  '.hidden.csv',
  'x[1].csv',
  'x1.csv',
  'in/a.csv',
  'in/deep/c.csv',
  'in/d.txt',
];

const found = (patterns: string | readonly string[]): Promise<string[]> =>
  withTempDir((dir) => {
    for (const file of FILES) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), '');
    }
    symlinkSync(dir, join(dir, 'in/up')); // a loop
    symlinkSync('self.csv', join(dir, 'self.csv'));
    return findFiles(patterns, dir);
  });

describe('findFiles', () => {
  it.each([
    ['a.csv', ['a.csv']],
    ['./in//a.csv', ['in/a.csv']],
    ['*.csv', ['B.csv', 'a.csv', 'a1.csv', 'b.csv', 'x1.csv', 'x[1].csv']],
    ['a?.csv', ['a1.csv']],
    ['[a-b].csv', ['a.csv', 'b.csv']],
    ['[!a].csv', ['B.csv', 'b.csv']],
    ['{b,a,a}.csv', ['a.csv', 'b.csv']],
    ['**/*.csv', ['B.csv', 'a.csv', 'a1.csv', 'b.csv', 'in/a.csv', 'in/deep/c.csv', 'x1.csv', 'x[1].csv']],
    ['in/**', ['in/a.csv', 'in/d.txt', 'in/deep/c.csv']],
    ['*/*.{csv,txt}', ['in/a.csv', 'in/d.txt']],
    ['x[1].csv', ['x[1].csv']], // it exists, so that it is no pattern
    ['.h*', ['.hidden.csv']],
  ])('finds %s', async (pattern, files) => {
    expect(await found(pattern)).toEqual(files);
  });

  it('gives a file once and sorts over all patterns', async () => {
    expect(await found(['b.csv', 'in/*.csv', '[ab].csv'])).toEqual(['a.csv', 'b.csv', 'in/a.csv']);
  });

  it.each([
    ['no.csv', 'FILE_NOT_FOUND'],
    ['no*.csv', 'FILE_NOT_FOUND'],
    ['in', 'FILE_NOT_FOUND'],
    ['self.csv', 'FILE_NOT_FOUND'],
    ['a.csv/x', 'FILE_NOT_FOUND'],
    [`${'x'.repeat(300)}.csv`, 'FILE_NOT_FOUND'],
    ['../x.csv', 'USAGE'],
    ['/etc/*', 'USAGE'],
    ['[z-a].csv', 'USAGE'],
  ])('refuses %s', async (pattern, code) => {
    await expect(found(['a.csv', pattern])).rejects.toMatchObject({ code });
  });

  it('names a data root that is not there', async () => {
    await expect(findFiles('a.csv', '/nowhere')).rejects.toMatchObject({ code: 'DATA_ROOT_MISSING' });
  });
});
