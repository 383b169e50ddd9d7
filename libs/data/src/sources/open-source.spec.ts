import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { withTempDir } from '@assay/testing';
import { openSource } from './open-source.js';
import { cellsOf, linesOf, readAll, readFiles } from './sources.fixture.js';

describe('openSource', () => {
  it('reads several files, plain and gzip, in the order of their paths, with their names and lines', async () => {
    const read = await readFiles({ 'b.csv': 'x,y\n3,4\n', 'a.csv.gz': gzipSync('x,y\n1,"2\n"\n5,6\n') });
    expect(read.header).toEqual(['x', 'y']);
    expect(read.rows).toEqual([
      { source: 'a.csv.gz', line: 2, cells: ['1', '2\n'] },
      { source: 'a.csv.gz', line: 4, cells: ['5', '6'] },
      { source: 'b.csv', line: 2, cells: ['3', '4'] },
    ]);
  });

  it('reads again from the start', () =>
    withTempDir(async (dir) => {
      writeFileSync(join(dir, 'a.csv'), 'x\n1\n');
      const source = await openSource({ path: 'a.csv' }, dir);
      expect(await readAll(source)).toEqual(await readAll(source));
    }));

  it('gives only the wanted columns, in their order', async () => {
    const read = await readFiles({ 'a.csv': 'x,y,z\n1,2,3\n' }, { columns: ['z', 'x'] });
    expect(read.header).toEqual(['z', 'x']);
    expect(cellsOf(read)).toEqual([['3', '1']]);
  });

  it('takes a tab for the delimiter of .tsv', async () => {
    const read = await readFiles({ 'a.tsv': 'x\ty\n1,0\t2\n' });
    expect(cellsOf(read)).toEqual([['1,0', '2']]);
  });

  it('counts every row as given or rejected', async () => {
    const read = await readFiles({ 'a.csv': 'x,y\n1,2\n3\n\n4,5,6\n7,8\n' });
    expect(linesOf(read)).toEqual([2, 6]);
    expect(read.rejected.map(({ line }) => line)).toEqual([3, 5]);
  });

  it('names the first difference between two headers', async () => {
    await expect(readFiles({ 'a.csv': 'x,y\n1,2\n', 'b.csv': 'x,z\n1,2\n' })).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining("column 2 is 'y' in a.csv and 'z' in b.csv") as string,
    });
    await expect(readFiles({ 'a.csv': 'x\n1\n', 'b.csv': 'x,z\n1,2\n' })).rejects.toMatchObject({
      message: expect.stringContaining("column 2 is nothing in a.csv and 'z' in b.csv") as string,
    });
  });

  it('notices that a header changed since the source was opened', () =>
    withTempDir(async (dir) => {
      writeFileSync(join(dir, 'a.csv'), 'x,y\n1,2\n');
      const source = await openSource({ path: 'a.csv', columns: ['y'] }, dir);
      writeFileSync(join(dir, 'a.csv'), 'x,z\n1,2\n');
      await expect(readAll(source)).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
    }));

  it.each([
    [
      'a column that is not there',
      { 'a.csv': 'title\n1\n' },
      { columns: ['titel'] },
      'COLUMN_MISSING',
      "did you mean 'title'",
    ],
    [
      'a wanted column that is there twice',
      { 'a.csv': 'x,x\n1,2\n' },
      { columns: ['x'] },
      'FILE_CORRUPT',
      'twice',
    ],
    ['an empty file', { 'a.csv': '' }, {}, 'DATA_EMPTY', 'is empty'],
    ['a source without rows', { 'a.csv': 'x\n\n' }, {}, 'DATA_EMPTY', 'no rows'],
    ['a name that says no format', { 'a.dat': 'x\n1\n' }, {}, 'USAGE', 'data.source.format'],
    ['two formats', { 'a.csv': 'x\n1\n', 'b.jsonl': '{}' }, {}, 'USAGE', 'b.jsonl'],
    ['a delimiter of two characters', { 'a.csv': 'x\n1\n' }, { delimiter: '||' }, 'USAGE', 'ASCII'],
    ['a delimiter that is the quote', { 'a.csv': 'x\n1\n' }, { delimiter: '"' }, 'USAGE', 'same character'],
    ['JSON Lines without columns', { 'a.jsonl': '{}' }, {}, 'USAGE', 'name the columns'],
    ['a Parquet file that is none', { 'a.parquet': 'PAR1' }, {}, 'FILE_CORRUPT', 'PAR1'],
  ])('refuses %s', async (_, files, spec, code, part) => {
    await expect(readFiles(files, spec)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part) as string,
    });
  });
});
