import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { withDuckDb } from './duckdb.js';
import { recordsPath, type PreparedRecord } from './prepared-record.js';
import { writeRecordsParquet } from './records-parquet.js';
import { SPLITS } from './split-key.js';

const NAMES = {
  text: ['title', `it's "text"`],
  numeric: ['price'],
  categorical: ['a.b'],
  classes: ['weapons', 'drugs'],
  isMultiClass: true,
  moreGroups: ['phone'],
  slices: ['country'],
  hasMessages: true,
};
const record = (id: string, values: Partial<PreparedRecord> = {}): PreparedRecord => ({
  ...{
    id,
    unit: id,
    source: 'a.csv',
    line: 2,
    text: { title: 'a', [`it's "text"`]: 'two\nlines' },
    numeric: { price: 0.1 },
    categorical: { 'a.b': '' },
    moreGroups: ['p'],
    messages: [
      { role: 'a', text: 'x', timeMs: 1_700_000_000_123 },
      { role: 'b', text: 'y', timeMs: null },
    ],
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
        moreGroups: [null],
        messages: [],
        numeric: { price: null },
        categorical: { 'a.b': 'c' },
        classIndex: 1,
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
          unit: 'train-1',
          'text.title': 'a',
          [`text.it's "text"`]: 'two\nlines',
        },
        ...{ 'numeric.price': 0.1, 'categorical.a.b': '' },
        ...{ 'label.weapons': 1, 'label.drugs': null, class: null },
        ...{ weight: 1, group: 'g', 'group.phone': 'p', time: '2023-11-14 22:13:20.123' },
        ...{ 'slice.country': 'Österreich', messageTimes: ['2023-11-14 22:13:20.123', null] },
        ...{ images: ['x.jpg'], imageSha256: ['00'] },
      },
      {
        ...{
          split: 'train',
          id: 'train-2',
          source: 'a.csv',
          line: '2',
          unit: 'train-2',
          'text.title': 'a',
          [`text.it's "text"`]: 'two\nlines',
        },
        ...{ 'numeric.price': null, 'categorical.a.b': 'c' },
        ...{ 'label.weapons': null, 'label.drugs': 0.25, class: 'drugs' },
        ...{ weight: 0.5, group: null, 'group.phone': null, time: null },
        ...{ 'slice.country': 'Österreich', messageTimes: [] },
        ...{ images: [], imageSha256: [] },
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

it('a pipeline without text, tabular columns, slices and messages has none of their columns', async () => {
  await withTempDir(async (dir) => {
    writeRecords(dir);
    await writeRecordsParquet(dir, {
      ...{ text: [], numeric: [], categorical: [], classes: ['weapons'], isMultiClass: false },
      ...{ moreGroups: [], slices: [], hasMessages: false },
    });
    const columns = await query(`DESCRIBE SELECT * FROM '${join(dir, 'records.parquet')}'`);
    expect(columns.map((row) => (row as { column_name: string }).column_name)).toEqual([
      'split',
      'id',
      'source',
      'line',
      'unit',
      'label.weapons',
      'weight',
      'group',
      'time',
      'images',
      'imageSha256',
    ]);
  });
});
