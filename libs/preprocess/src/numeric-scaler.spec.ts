import { encodeNumeric, NumericFit, type NumericScaling } from './numeric-scaler.js';

function fit(values: (number | null)[], scaling: NumericScaling = 'standard') {
  const column = new NumericFit('x', scaling);
  for (const value of values) column.add(value);
  return column.finish();
}

describe('NumericFit', () => {
  it('learns mean, standard deviation and range, without the missing values', () => {
    expect(fit([1, null, 5])).toEqual({ name: 'x', mean: 3, std: 2, min: 1, max: 5 });
  });

  it('takes sign(x)·log(1 + |x|) first for log-standard', () => {
    const e = Math.E - 1; // log(1 + e) = 1
    expect(fit([e, -e], 'log-standard')).toEqual({ name: 'x', mean: 0, std: 1, min: -1, max: 1 });
  });
});

describe('encodeNumeric', () => {
  const column = fit([1, 5]);
  const encode = (x: number | null, scaling: NumericScaling = 'standard'): number[] => [
    ...encodeNumeric({ x }, [column], scaling),
  ];

  it('gives the standardised value and 0', () => {
    expect(encode(1)).toEqual([-1, 0]);
    expect(encode(4)).toEqual([0.5, 0]);
  });

  it('clips to the training range', () => {
    expect(encode(1e9)).toEqual([1, 0]);
    expect(encode(-1e9)).toEqual([-1, 0]);
  });

  it('gives 0 and 1 for a missing value and for a field that is not there', () => {
    expect(encode(null)).toEqual([0, 1]);
    expect([...encodeNumeric({}, [column], 'standard')]).toEqual([0, 1]);
  });

  it('stays finite for a column that was constant, or empty, in training', () => {
    expect([...encodeNumeric({ x: 9 }, [fit([7, 7])], 'standard')]).toEqual([0, 0]);
    expect([...encodeNumeric({ x: 9 }, [fit([null])], 'standard')]).toEqual([0, 0]);
  });

  it('transforms before it standardises', () => {
    const log = fit([Math.E - 1, 1 - Math.E], 'log-standard');
    expect(encodeNumeric({ x: Math.E - 1 }, [log], 'log-standard')[0]).toBeCloseTo(1, 6);
  });
});
