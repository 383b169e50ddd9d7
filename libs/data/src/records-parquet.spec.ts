import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { withDuckDb } from './duckdb.js';
import { recordsPath, type PreparedRecord } from './prepared-record.js';
import { writeRecordsParquet } from './records-parquet.js';
import { SPLITS } from './split-key.js';

const NAMES = { text: ['title', `it's "text"`], classes: ['weapons', 'drugs'], slices: ['country'] };
const record = (id: string, values: Partial<PreparedRecord> = {}): PreparedRecord => ({
  ...{
    id,
    unit: id,
    source: 'a.csv',
    line: 2,
    text: { title: 'a', [`it's "text"`]: 'two\nlines' },
    images: ['x.jpg'],
    imageDigests: ['00'],
    fingerprints: [],
  },
  ...{ labels: [1, null], classIndex: null, weight: 1, group: 'g', timeMs: 1_700_000_000_123 },
  slices: { country: 'Österreich' },
  ...values,
});

function writeRecords(dir: string): void {
  for (const split of SPLITS) {
    const records = [
      record(`${split}-1`),
      record(`${split}-2`, {
        timeMs: null,
        group: null,
        images: [],
        imageDigests: [],
        labels: [null, 0.25],
        weight: 0.5,
      }),
    ];
    mkdirSync(dirname(recordsPath(dir, split)), { recursive: true });
    writeFileSync(recordsPath(dir, split), records.map((item) => `${JSON.stringify(item)}\n`).join(''));
  }
}

const query = (sql: string): Promise<unknown[]> => withDuckDb((run) => run(sql));

it('all records are in it, split by split, with text, labels, times and slices', async () => {
  await withTempDir(async (dir) => {
    writeRecords(dir);
    await writeRecordsParquet(dir, NAMES);
    const rows = await query(`SELECT * FROM '${join(dir, 'records.parquet')}'`);
    expect(rows.map((row) => (row as { id: string }).id)).toEqual(
      SPLITS.flatMap((split) => [`${split}-1`, `${split}-2`]),
    );
    expect(rows.slice(0, 2)).toEqual([
      {
        ...{
          split: 'train',
          id: 'train-1',
          source: 'a.csv',
          line: '2',
          'text.title': 'a',
          [`text.it's "text"`]: 'two\nlines',
        },
        ...{
          'label.weapons': 1,
          'label.drugs': null,
          weight: 1,
          group: 'g',
          time: '2023-11-14 22:13:20.123',
        },
        ...{ 'slice.country': 'Österreich', images: ['x.jpg'], imageSha256: ['00'] },
      },
      {
        ...{
          split: 'train',
          id: 'train-2',
          source: 'a.csv',
          line: '2',
          'text.title': 'a',
          [`text.it's "text"`]: 'two\nlines',
        },
        ...{ 'label.weapons': null, 'label.drugs': 0.25, weight: 0.5, group: null, time: null },
        ...{ 'slice.country': 'Österreich', images: [], imageSha256: [] },
      },
    ]);
  });
});

it('equal records give equal bytes', async () => {
  await withTempDir(async (dir) => {
    const bytes = async (name: string): Promise<Buffer> => {
      writeRecords(join(dir, name));
      await writeRecordsParquet(join(dir, name), NAMES);
      return readFileSync(join(dir, name, 'records.parquet'));
    };
    expect((await bytes('a')).equals(await bytes('b'))).toBe(true);
  });
});

it('a pipeline without text and slices has neither column', async () => {
  await withTempDir(async (dir) => {
    writeRecords(dir);
    await writeRecordsParquet(dir, { text: [], classes: ['weapons'], slices: [] });
    const columns = await query(`DESCRIBE SELECT * FROM '${join(dir, 'records.parquet')}'`);
    expect(columns.map((row) => (row as { column_name: string }).column_name)).toEqual([
      'split',
      'id',
      'source',
      'line',
      'label.weapons',
      'weight',
      'group',
      'time',
      'images',
      'imageSha256',
    ]);
  });
});
