import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { readCsvRows, type CsvRow } from './csv-rows.js';

const rowsOf = (content: string | Buffer): Promise<CsvRow[]> =>
  withTempDir(async (dir) => {
    const path = join(dir, 'x.csv');
    writeFileSync(path, content);
    const rows: CsvRow[] = [];
    for await (const row of readCsvRows(path)) rows.push(row);
    return rows;
  });

describe('readCsvRows', () => {
  it('gives the line on which each row starts, also after line breaks within quotes', async () => {
    expect(await rowsOf('a,b\n1,"x\ny ""z"""\n\n2,w\n')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', 'x\ny "z"'] },
      { line: 5, cells: ['2', 'w'] },
    ]);
  });

  it('reads a file with a byte order mark and CRLF', async () => {
    const rows = await rowsOf('\ufeffa,b\r\n1,2\r\n');
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it('keeps characters whole that lie across two chunks', async () => {
    const text = 'é'.repeat(200_000);
    expect((await rowsOf(`a\nx${text}\n`))[1]?.cells[0]).toBe(`x${text}`);
  });

  it('gives rows with another number of cells as they are', async () => {
    expect((await rowsOf('a,b\n1\n1,2,3\n')).map(({ cells }) => cells.length)).toEqual([2, 1, 3]);
  });

  it.each([
    ['a quote that is not closed', 'a,b\n1,"x\n'],
    ['text that is not UTF-8', Buffer.from([0x61, 0x0a, 0xe9, 0x0a])],
    ['a character that is cut off at the end', Buffer.from([0x61, 0x0a, 0xc3])],
  ])('refuses %s', async (_, content) => {
    await expect(rowsOf(content)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });

  it('names a file that does not exist', async () => {
    await expect(readCsvRows('/nowhere/x.csv').next()).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('/nowhere/x.csv') as string,
    });
  });
});
