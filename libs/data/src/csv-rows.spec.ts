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

  it('counts CRLF within quotes as one line', async () => {
    const rows = await rowsOf('a,b\r\n1,"x\r\ny"\r\n\r\n2,"v\r\nw\nz"\r\n3,u\r\n');
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 5, 8]);
  });

  it('reads a file whose lines end in several ways', async () => {
    const rows = await rowsOf('a,b\n1,2\r\n3,4\r5,6\n');
    expect(rows).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', '2'] },
      { line: 3, cells: ['3', '4'] },
      { line: 4, cells: ['5', '6'] },
    ]);
  });

  it('takes a CRLF that lies across two chunks for one line end', async () => {
    const first = `${'x'.repeat(2 ** 18 - 1)}\r\n`; // its last character begins the second chunk
    expect((await rowsOf(`${first}y\r\n`)).map(({ line }) => line)).toEqual([1, 2]);
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
    ['a quote that swallows 4 MiB', `a\n"${'x\n'.repeat(2 ** 21)}`],
    ['text that is not UTF-8', Buffer.from([0x61, 0x0a, 0xe9, 0x0a])],
    ['a character that is cut off at the end', Buffer.from([0x61, 0x0a, 0xc3])],
  ])('refuses %s', async (_, content) => {
    await expect(rowsOf(content)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });

  it('gives a source that is a folder a coded error', () =>
    withTempDir(async (dir) => {
      await expect(readCsvRows(dir).next()).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
        message: expect.stringContaining('EISDIR') as string,
      });
    }));

  it('names a file that does not exist', async () => {
    await expect(readCsvRows('/nowhere/x.csv').next()).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('/nowhere/x.csv') as string,
    });
  });
});
