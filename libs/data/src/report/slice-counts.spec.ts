import { recordOf } from './prepared-record.fixture.js';
import { SliceCounts } from './slice-counts.js';

const none = { train: 0, validation: 0, calibration: 0, test: 0 };

test('slices are counted by split, largest first', () => {
  const slices = new SliceCounts();
  slices.add({ slices: { colour: 'blue' } }, 'train');
  slices.add({ slices: { colour: 'red' } }, 'train');
  slices.add({ slices: { colour: 'red' } }, 'test');
  expect(slices.columns()).toEqual([
    {
      column: 'colour',
      values: [
        { value: 'red', counts: { ...none, train: 1, test: 1 }, total: 2 },
        { value: 'blue', counts: { ...none, train: 1 }, total: 1 },
      ],
      uncounted: 0,
    },
  ]);
});

test('a column with more values than are counted apart says how many records that leaves out', () => {
  const slices = new SliceCounts();
  for (let i = 0; i < 10_002; i++) slices.add(recordOf({ slices: { id: `v${i}` } }), 'train');
  slices.add(recordOf({ slices: { id: 'v0' } }), 'train');
  const [column] = slices.columns();
  expect(column).toMatchObject({ uncounted: 2, values: { length: 10_000 } });
  expect(column?.values[0]).toMatchObject({ value: 'v0', total: 2 });
});
