import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { diffPrepared, isSame, type PreparedDiff } from './diff-prepared.js';
import { prepareStage } from './prepare-stage.js';
import { PreparedData } from './prepared-data.js';
import { GOOD_ROWS, tinySource, writePhoto, type TinyRow } from './tiny-source.fixture.js';

const BY_COLUMN = ['data.split={strategy: column, column: part, train: [a], validation: [b], test: [c]}'];
const PARTS = 'aaaabbbbcccc';
const ROWS: TinyRow[] = GOOD_ROWS.map((row, i) => ({ ...row, part: PARTS[i] }));

/** Prepares the rows before and after a change, and compares. */
const difference = (
  after: TinyRow[],
  { overrides = [], both = [], photo }: { overrides?: string[]; both?: string[]; photo?: number } = {},
): Promise<PreparedDiff> =>
  withTempDir(async (dir) => {
    const prepare = async (name: string, rows: TinyRow[], more: string[]): Promise<PreparedData> => {
      const options = await tinySource(join(dir, name), rows, [...BY_COLUMN, ...both, ...more]);
      if (name === 'after' && photo !== undefined)
        await writePhoto(join(dir, name, 'source', 'photos', `grey-${photo}.png`), 222);
      return PreparedData.open((await prepareStage(options)).dir);
    };
    return diffPrepared(await prepare('before', ROWS, []), await prepare('after', after, overrides));
  });

/** The rows with some of their cells changed. */
const edited = (edits: Readonly<Record<number, TinyRow>>): TinyRow[] =>
  ROWS.map((row, i) => ({ ...row, ...edits[i] }));

it('finds nothing but other bytes where only the order of rows differs', async () => {
  const diff = await difference([...ROWS].reverse());
  expect(diff.changed).toEqual([]);
  expect(diff.moved).toEqual([]);
  expect(diff.files).toContain('records/train.jsonl');
  expect(isSame({ ...diff, preprocessor: false })).toBe(false);
  expect(isSame({ ...diff, preprocessor: false, files: [] })).toBe(true);
});

it('is the same for equal input', async () => {
  expect(isSame(await difference(ROWS))).toBe(true);
});

it('names rows that came, went and moved, by split', async () => {
  const after = edited({ 3: { part: 'c' } })
    .filter(({ id }) => id !== 'r10' && id !== 'r11')
    .concat({ ...ROWS[8], id: 'new', seller: 's9' });
  const { added, removed, moved, rows } = await difference(after);
  expect(added).toEqual([{ split: 'test', count: 1, ids: ['new'] }]);
  // r2 and r3 are of one seller: where r3 goes to test, r2 is left out of train.
  expect(removed).toEqual([
    { split: 'test', count: 2, ids: ['r10', 'r11'] },
    { split: 'train', count: 1, ids: ['r2'] },
  ]);
  expect(moved).toEqual([{ from: 'train', to: 'test', count: 1, ids: ['r3'] }]);
  expect(rows.test).toEqual({ before: 4, after: 4 });
});

it('counts changes by column, and labels by what they were', async () => {
  const { changed, labels } = await difference(
    edited({ 1: { title: 'other', bad: '1' }, 2: { bad: '' }, 3: { bad: '0' }, 4: { at: '' } }),
  );
  expect(changed).toEqual([
    { column: 'text.title', count: 1, ids: ['r1'] },
    { column: 'label.bad', count: 3, ids: ['r1', 'r2', 'r3'] },
    { column: 'time', count: 1, ids: ['r4'] },
  ]);
  expect(labels).toEqual([
    { class: 'bad', from: 0, to: 1, count: 1 },
    { class: 'bad', from: 0, to: null, count: 1 },
    { class: 'bad', from: 1, to: 0, count: 1 },
  ]);
});

it('sees another picture under the same name, and another preprocessor', async () => {
  const diff = await difference(ROWS, { photo: 1, overrides: ['preprocess.text.buckets=128'] });
  expect(diff.changed).toEqual([{ column: 'imageSha256', count: 1, ids: ['r1'] }]);
  expect(diff.preprocessor).toBe(true);
  expect(isSame(diff)).toBe(false);
});

it('sees other numbers and categories of records that nothing is fitted on', async () => {
  const diff = await difference(edited({ 8: { price: '999' }, 9: { price: '', colour: 'green' } }));
  expect(diff.preprocessor).toBe(false);
  expect(diff.changed).toEqual([
    { column: 'numeric.price', count: 2, ids: ['r8', 'r9'] },
    { column: 'categorical.colour', count: 1, ids: ['r9'] },
    { column: 'slice.colour', count: 1, ids: ['r9'] },
  ]);
  expect(diff.files).toEqual(['records/test.jsonl', 'shards/test-00000.safetensors']);
  expect(isSame(diff)).toBe(false);
});

it('sees another value of a further group column, and what it joins', async () => {
  const both = ['data.columns.group=[seller, price]', 'data.columns.numeric=[]'];
  const diff = await difference(edited({ 10: { price: '8' } }), { both });
  expect(diff.changed).toEqual([
    { column: 'unit', count: 2, ids: ['r8', 'r9'] },
    { column: 'group.price', count: 1, ids: ['r10'] },
  ]);
});

it('names columns that only one of both has', async () => {
  const { columns } = await difference(ROWS, { overrides: ['data.columns.slices=[seller]'] });
  expect(columns).toEqual({ added: ['slice.seller'], removed: ['slice.colour'] });
});
