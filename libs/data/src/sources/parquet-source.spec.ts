import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { withTempDir } from '@assay/testing';
import { openSource } from './open-source.js';
import { cellsOf, linesOf, readAll, type ReadRows } from './sources.fixture.js';
import type { SourceSpec } from './source.js';

async function writeParquet(path: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  connection.closeSync();
  instance.closeSync();
}

const readQuery = (query: string, spec: Partial<SourceSpec> = {}): Promise<ReadRows> =>
  withTempDir(async (dir) => {
    await writeParquet(join(dir, 'a.parquet'), query);
    return readAll(await openSource({ path: 'a.parquet', ...spec }, dir));
  });

describe('Parquet', () => {
  it('reads the file that is named, though its name looks like a pattern', () =>
    withTempDir(async (dir) => {
      for (const name of ['d1', 'd[1]', 'd*', 'd?'])
        await writeParquet(join(dir, `${name}.parquet`), `SELECT '${name}' AS name`);
      for (const name of ['d[1]', 'd*', 'd?']) {
        const read = await readAll(await openSource({ path: `${name}.parquet` }, dir));
        expect(cellsOf(read)).toEqual([[name]]);
      }
    }));

  it('rejects a row of too many bytes, wherever they are', async () => {
    const query =
      "SELECT * FROM (VALUES (1, 'ééé', ['a']), (2, 'éééé', ['a']), (3, '', ['a', 'bcdefgh'])) AS t(n, x, l)";
    const { rows, rejected } = await readQuery(query, { maxRowBytes: 7 });
    expect(rows.map(({ line }) => line)).toEqual([1]);
    expect(rejected.map(({ line, code, message, raw }) => [line, code, message, raw])).toEqual([
      [2, 'RECORD_INVALID', 'The row has more than 7 bytes.', '[2,"éééé",["a"]]'],
      [3, 'RECORD_INVALID', 'The row has more than 7 bytes.', '[3,"",["a","bcdefgh"]]'],
    ]);
  });

  it('gives every kind of value as a cell, without rounding', async () => {
    const read = await readQuery(`SELECT
      'é手' AS text, 7::INTEGER AS small, 9007199254740993::BIGINT AS large, 12::BIGINT AS fits, 0.5::DOUBLE AS real,
      12.50::DECIMAL(9, 2) AS price, true AS yes, NULL::VARCHAR AS none, DATE '2024-02-29' AS day,
      TIMESTAMP '2024-02-29 12:00:00.000001' AS at, TIMESTAMPTZ '1969-12-31 23:59:59.5+00' AS zoned,
      TIMESTAMP_S '2024-02-29 12:00:00' AS second, [['a', NULL], []] AS lists,
      {'role': 'buyer', 'n': 3::BIGINT} AS struct, MAP {'k': 1} AS pairs, 'ab'::BLOB AS bytes, 'x'::ENUM('x', 'y') AS kind`);
    expect(Object.fromEntries(read.header.map((name, i) => [name, read.rows[0]?.cells[i]]))).toEqual({
      text: 'é手',
      small: 7,
      large: 9007199254740993n,
      fits: 12,
      real: 0.5,
      price: '12.50',
      yes: true,
      none: null,
      day: '2024-02-29',
      at: '2024-02-29T12:00:00.000001',
      zoned: '1969-12-31T23:59:59.500000Z',
      second: '2024-02-29T12:00:00',
      lists: [['a', null], []],
      struct: { role: 'buyer', n: 3 },
      pairs: [{ key: 'k', value: 1 }],
      bytes: Uint8Array.of(97, 98),
      kind: 'x',
    });
  });

  it('keeps the order of the rows and numbers them, over many chunks', async () => {
    const read = await readQuery('SELECT i AS n FROM range(10000) t(i)');
    expect(cellsOf(read)).toEqual(Array.from({ length: 10_000 }, (_, i) => [i]));
    expect(linesOf(read)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
  });

  it('gives wanted columns and parts of structs, in their order', async () => {
    const read = await readQuery(
      `SELECT 1 AS a, {'b': {'c': 'x'}, 'd': [{'e': 1}, {'e': 2}]} AS s, 'dot' AS "s.dot"
       UNION ALL SELECT 2, NULL, NULL ORDER BY 1`,
      { columns: ['s.d.e', 's.b.c', 'a', 's.dot'] },
    );
    expect(read.header).toEqual(['s.d.e', 's.b.c', 'a', 's.dot']);
    expect(cellsOf(read)).toEqual([
      [[1, 2], 'x', 1, 'dot'],
      [null, null, 2, null],
    ]);
  });

  it.each([['nothing'], ['s.c'], ['a.b']])('refuses the column %s that is not there', async (column) => {
    await expect(readQuery(`SELECT 1 AS a, {'b': 2} AS s`, { columns: [column] })).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
    });
  });

  it('refuses a file that is cut off or damaged, and files with different columns', () =>
    withTempDir(async (dir) => {
      const [a, b] = [join(dir, 'a.parquet'), join(dir, 'b.parquet')];
      await writeParquet(a, 'SELECT i AS n, md5(i::VARCHAR) AS t FROM range(5000) t(i)');
      const bytes = readFileSync(a);
      const read = async (path = 'a.parquet'): Promise<ReadRows> => readAll(await openSource({ path }, dir));
      writeFileSync(a, bytes.subarray(0, bytes.length - 100));
      await expect(read()).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
      writeFileSync(
        a,
        Buffer.concat([bytes.subarray(0, 200), Buffer.alloc(2000, 255), bytes.subarray(2200)]),
      );
      await expect(read()).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
      writeFileSync(a, bytes);
      await writeParquet(b, 'SELECT 1 AS m');
      await expect(read('*.parquet')).rejects.toMatchObject({
        message: expect.stringContaining("column 1 is 'n' in a.parquet and 'm' in b.parquet") as string,
      });
    }));

  it('adds no columns for the names of folders', () =>
    withTempDir(async (dir) => {
      const path = `it's [1]/year=2020`;
      const { mkdirSync } = await import('node:fs');
      mkdirSync(join(dir, path), { recursive: true });
      await writeParquet(join(dir, 'a.parquet'), 'SELECT 1 AS n');
      writeFileSync(join(dir, path, 'a.parquet'), readFileSync(join(dir, 'a.parquet')));
      const read = await readAll(await openSource({ path: `${path}/a.parquet` }, dir));
      expect(read).toEqual({
        header: ['n'],
        rows: [{ source: `${path}/a.parquet`, line: 1, cells: [1] }],
        rejected: [],
      });
    }));
});
