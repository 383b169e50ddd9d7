import type { ModelInputs } from '@assay/preprocess';
import { concatenateInputs, countRows, takeRow } from './input-rows.js';

const batch = (rows: number, first: number): ModelInputs => ({
  token_BL: {
    dtype: 'int32',
    shape: [rows, 3],
    data: Int32Array.from({ length: rows * 3 }, (_, i) => first + i),
  },
  imageMask_BI: { dtype: 'float32', shape: [rows, 2], data: new Float32Array(rows * 2).fill(first) },
});

describe('rows of model inputs', () => {
  it('puts batches below each other in order', () => {
    const joined = concatenateInputs([batch(1, 10), batch(2, 20)]);
    expect(joined.token_BL).toEqual({
      dtype: 'int32',
      shape: [3, 3],
      data: Int32Array.of(10, 11, 12, 20, 21, 22, 23, 24, 25),
    });
    expect(joined.imageMask_BI?.data).toEqual(Float32Array.of(10, 10, 20, 20, 20, 20));
  });

  it('takes one row back out', () => {
    expect(takeRow(batch(2, 20), 1).token_BL).toEqual({
      dtype: 'int32',
      shape: [1, 3],
      data: Int32Array.of(23, 24, 25),
    });
  });

  it('counts the rows that all inputs share', () => {
    expect(countRows(batch(2, 0))).toBe(2);
    expect(() => countRows({ ...batch(2, 0), imageMask_BI: batch(1, 0).imageMask_BI! })).toThrow(
      /imageMask_BI has 1 rows/,
    );
    expect(() => countRows({})).toThrow(/hold no tensor/);
  });

  it('refuses batches whose inputs do not fit each other', () => {
    const { token_BL } = batch(1, 0);
    expect(() => concatenateInputs([batch(1, 0), { token_BL: token_BL! }])).toThrow(
      /imageMask_BI is missing/,
    );
    expect(() => concatenateInputs([])).toThrow(/no batch/);
  });
});
