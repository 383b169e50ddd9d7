import { preprocessSchema, type PreprocessConfig } from '@assay/config';
import { encodeNumeric, NumericFit, type NumericColumn } from './numeric-scaler.js';

const numeric = (config: object = {}): PreprocessConfig['numeric'] =>
  preprocessSchema.parse({ numeric: config }).numeric;

function fit(values: (number | null)[], config: object = {}): NumericColumn {
  const column = new NumericFit('x', numeric(config));
  for (const value of values) column.add(value);
  return column.finish();
}
const encode = (x: number | null, column: NumericColumn): number[] => encodeNumeric({ x }, [column]);

describe('NumericFit', () => {
  it('learns mean, standard deviation and range, without the missing values', () => {
    expect(fit([1, null, 5])).toEqual({ name: 'x', scaling: 'standard', mean: 3, std: 2, min: 1, max: 5 });
  });

  it('takes sign(x)·log(1 + |x|) first for log-standard', () => {
    const e = Math.E - 1; // log(1 + e) = 1
    expect(fit([e, -e], { scaling: 'log-standard' })).toMatchObject({ mean: 0, std: 1, min: -1, max: 1 });
  });

  it('learns quantiles, no more than the config says', () => {
    const quantile = { scaling: 'quantile', output: 'uniform', quantiles: 3 };
    expect(fit([4, null, 1, 2, 3, 8], quantile)).toEqual({
      ...{ name: 'x', scaling: 'quantile', output: 'uniform', quantiles: [1, 3, 8] },
    });
  });

  it('scales a column in its own way when the config says so', () => {
    const columns = { x: 'quantile', y: 'log-standard' };
    expect(fit([1], { scaling: 'standard', columns }).scaling).toBe('quantile');
    expect(new NumericFit('y', numeric({ columns })).finish().scaling).toBe('log-standard');
    expect(new NumericFit('z', numeric({ columns })).finish().scaling).toBe('standard');
    expect(new NumericFit('constructor', numeric({ columns })).finish().scaling).toBe('standard');
  });
});

describe('encodeNumeric', () => {
  const column = fit([1, 5]);

  it('gives the standardised value and 0', () => {
    expect(encode(1, column)).toEqual([-1, 0]);
    expect(encode(4, column)).toEqual([0.5, 0]);
  });

  it('gives the rank and 0', () => {
    const ranks = fit([1, 5, 9], { scaling: 'quantile', output: 'uniform' });
    expect([1, 3, 5, 9, 99].map((x) => encode(x, ranks))).toEqual([
      [0, 0],
      [0.25, 0],
      [0.5, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it('clips to the training range', () => {
    expect(encode(1e9, column)).toEqual([1, 0]);
    expect(encode(-1e9, column)).toEqual([-1, 0]);
  });

  it('gives 0 and 1 for a missing value and for a field that is not there', () => {
    expect(encode(null, column)).toEqual([0, 1]);
    expect(encodeNumeric({}, [column])).toEqual([0, 1]);
    expect(encode(null, fit([1, 5], { scaling: 'quantile' }))).toEqual([0, 1]);
  });

  it('stays finite for a column that was constant, or empty, in training', () => {
    expect(encode(9, fit([7, 7]))).toEqual([0, 0]);
    expect(encode(9, fit([null]))).toEqual([0, 0]);
    expect(encode(9, fit([null], { scaling: 'quantile' }))).toEqual([0, 0]);
  });

  it('transforms before it standardises', () => {
    const log = fit([Math.E - 1, 1 - Math.E], { scaling: 'log-standard' });
    expect(encode(Math.E - 1, log)[0]).toBeCloseTo(1, 12);
  });
});
