import { Random } from '@assay/core';
import { MODALITIES, type ModelInputs } from '@assay/preprocess';
import { hideModalities } from './hide-modalities.js';

const numRecords = 400;
const inputsWith = (row: readonly number[]): ModelInputs => ({
  present_BM: {
    dtype: 'float32',
    shape: [numRecords, 3],
    data: Float32Array.from({ length: numRecords * 3 }, (_, i) => row[i % 3] ?? 0),
  },
});
const rowsOf = ({ present_BM }: ModelInputs): string[] =>
  Array.from({ length: numRecords }, (_, b) => [...present_BM!.data.subarray(3 * b, 3 * b + 3)].join(''));

test('hides one modality of about the given share of records, each as often', () => {
  const rows = rowsOf(hideModalities(inputsWith([1, 1, 1]), MODALITIES, 0.3, new Random(5)));
  expect(new Set(rows)).toEqual(new Set(['111', '011', '101', '110']));
  const hidden = rows.filter((row) => row !== '111').length;
  expect(hidden).toBeGreaterThan(90); // 120 expected, standard deviation 9
  expect(hidden).toBeLessThan(150);
});

test('never hides the only modality of a record', () => {
  const rows = rowsOf(hideModalities(inputsWith([0, 1, 0]), MODALITIES, 0.9, new Random(5)));
  expect(new Set(rows)).toEqual(new Set(['010']));
});

test('hides nothing that the model does not read, so that its own modalities are hidden as often as asked', () => {
  const rows = rowsOf(hideModalities(inputsWith([1, 1, 1]), ['text', 'tabular'], 0.3, new Random(5)));
  expect(new Set(rows)).toEqual(new Set(['111', '011', '110']));
  const textAndImage = rowsOf(hideModalities(inputsWith([1, 1, 0]), ['text'], 0.9, new Random(5)));
  expect(new Set(textAndImage)).toEqual(new Set(['110'])); // text is all that this model has
});

test('leaves the given inputs as they were', () => {
  const inputs = inputsWith([1, 1, 1]);
  hideModalities(inputs, MODALITIES, 0.9, new Random(5));
  expect(new Set(rowsOf(inputs))).toEqual(new Set(['111']));
});
