import { join } from 'node:path';
import { Random } from '@assay/core';
import { runReference, withReferences } from '@assay/testing';
import { QuantileFit, rankOf, type QuantileColumn, type QuantileOutput } from './quantile-scaling.js';

const SCRIPT = join(__dirname, '../scripts/reference-quantiles.py');

function fit(
  values: Iterable<number>,
  options: { output?: QuantileOutput; quantiles?: number; maxValues?: number } = {},
): QuantileColumn {
  const { output = 'uniform', quantiles = 1000, maxValues } = options;
  const column = new QuantileFit('price', output, quantiles, maxValues);
  for (const value of values) column.add(value);
  return column.finish();
}

describe('QuantileFit', () => {
  it('keeps quantiles at equal steps of rank, between values in proportion', () => {
    expect(fit([30, 10, 20]).quantiles).toEqual([10, 20, 30]);
    expect(fit([0, 1, 2, 3, 4, 10], { quantiles: 3 }).quantiles).toEqual([0, 2.5, 10]);
  });

  it('has none for a column without values, and one for a single value', () => {
    expect(fit([]).quantiles).toEqual([]);
    expect(fit([7]).quantiles).toEqual([7]);
  });

  it('reads any number of values in the memory of the most that it keeps, the least and the greatest exactly', () => {
    const random = new Random(1, 'many');
    const values = Array.from({ length: 40_000 }, () => random.uniform());
    values[39_000] = -5;
    values[39_001] = 9;
    const { quantiles } = fit(values, { quantiles: 101, maxValues: 4096 });
    expect([quantiles[0], quantiles[100]]).toEqual([-5, 9]);
    // of 4,096 drawn values a rank is off by 0.8 % at one standard deviation
    for (const [i, quantile] of quantiles.slice(1, -1).entries())
      expect(Math.abs(quantile - (i + 1) / 100)).toBeLessThan(0.035);
    expect(fit(values, { quantiles: 101, maxValues: 4096 }).quantiles).toEqual(quantiles);
  });
});

describe('rankOf', () => {
  it('gives the rank in [0, 1], in proportion between quantiles and 0 or 1 beyond them', () => {
    const column = fit([10, 20, 40]);
    expect([-9, 10, 15, 20, 35, 40, 99].map((x) => rankOf(x, column))).toEqual([
      0, 0, 0.25, 0.5, 0.875, 1, 1,
    ]);
  });

  it('gives a value that many had the middle of their ranks', () => {
    const column = fit([1, 2, 2, 2, 3]);
    expect(rankOf(2, column)).toBe(0.5);
    expect(rankOf(2, fit([1, 2, 2, 3, 4]))).toBe(1.5 / 4);
  });

  it('gives the normal quantile of the rank, at most 5.2', () => {
    const column = fit([10, 20, 30, 40, 50], { output: 'normal' });
    expect(rankOf(40, column)).toBeCloseTo(0.6744897501960817, 12);
    expect(rankOf(10, column)).toBeCloseTo(-5.199337582605575, 12);
    expect(rankOf(1e9, column)).toBeCloseTo(5.199337582605575, 12);
  });

  it('gives 0 for a column that was constant, or empty', () => {
    for (const output of ['uniform', 'normal'] as const) {
      expect(rankOf(8, fit([7, 7, 7], { output }))).toBe(0);
      expect(rankOf(8, fit([], { output }))).toBe(0);
    }
  });
});

(withReferences ? describe : describe.skip)('beside scikit-learn', () => {
  const random = new Random(5, 'cases');
  const draw = (count: number, one: () => number): number[] => Array.from({ length: count }, one);
  const trains: [string, number[]][] = [
    ['normal numbers', draw(3000, () => random.normal())],
    ['prices with ties', draw(2500, () => Math.round(Math.exp(2 * random.normal())))],
    ['mostly zero', draw(1500, () => (random.bernoulli(0.8) ? 0 : random.normal()))],
    ['three values', draw(500, () => random.integer(3))],
    ['few values', [4, 1, 2, 2, 3]],
    ['large numbers', draw(1200, () => 1e12 * random.uniform())],
    ['tiny numbers', draw(1200, () => 1e-6 * random.uniform())],
  ];
  const cases = trains.flatMap(([name, train]) =>
    (['uniform', 'normal'] as const).flatMap((output) =>
      [1000, 7].map((quantiles) => ({
        ...{ name, train, output, quantiles },
        values: [...train.slice(0, 400), ...train.slice(0, 100).map((x) => 1.3 * x - 0.1), -1e15, 1e15, 0],
      })),
    ),
  );
  let expected: { quantiles: number[]; values: number[] }[];
  beforeAll(() => {
    expected = runReference(SCRIPT, { input: JSON.stringify(cases) }) as typeof expected;
  }, 60_000);

  it.each(cases.map((item, i) => [item.name, item.output, item.quantiles, i] as const))(
    'scales %s to %s by %i quantiles as QuantileTransformer does, to 1e-6',
    (_name, output, quantiles, i) => {
      const { train = [], values = [] } = cases[i] ?? {};
      const column = fit(train, { output, quantiles });
      const spread = Math.max(...train.map(Math.abs));
      expect(column.quantiles).toHaveLength(expected[i]?.quantiles.length ?? -1);
      for (const [k, quantile] of column.quantiles.entries())
        expect(Math.abs(quantile - (expected[i]?.quantiles[k] ?? NaN))).toBeLessThanOrEqual(1e-12 * spread);
      for (const [k, value] of values.entries())
        expect(Math.abs(rankOf(value, column) - (expected[i]?.values[k] ?? NaN))).toBeLessThan(1e-6);
    },
  );
});
