import fc from 'fast-check';
import { planEpoch, type EpochPlan } from './epoch-plan.js';

const batchesOf = ({ row_N, start_S }: EpochPlan): number[][] =>
  Array.from({ length: start_S.length - 1 }, (_, i) => [...row_N.subarray(start_S[i], start_S[i + 1])]);
const plan = (options: Partial<Parameters<typeof planEpoch>[0]>): number[][] =>
  batchesOf(planEpoch({ numRows: 10, batchSize: 4, seed: 1, epoch: 0, ...options }));
const sorted = (rows: readonly number[]): number[] => [...rows].sort((a, b) => a - b);

describe('an epoch', () => {
  it('has every row once, in batches of equal size but the last', () => {
    const batches = plan({});
    expect(batches.map(({ length }) => length)).toEqual([4, 4, 2]);
    expect(sorted(batches.flat())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is the same for equal seed and epoch, and another otherwise', () => {
    expect(plan({})).toEqual(plan({}));
    expect(plan({ seed: 2 })).not.toEqual(plan({}));
    expect(plan({ epoch: 1 })).not.toEqual(plan({}));
  });

  it('may leave out the smaller last batch', () => {
    expect(plan({ dropRemainder: true }).map(({ length }) => length)).toEqual([4, 4]);
    expect(plan({ numRows: 3, dropRemainder: true })).toEqual([]);
  });

  it('has no batch without rows', () => {
    expect(plan({ numRows: 0 })).toEqual([]);
    expect(plan({ numRows: 0, weight_N: [] })).toEqual([]);
  });
});

describe('weights', () => {
  it('give each row its share, by hand: weights 1, 3, 0, 4 of 8 rows', () => {
    const rows = plan({ numRows: 8, weight_N: [1, 3, 0, 4, 0, 0, 0, 0] }).flat();
    expect(sorted(rows)).toEqual([0, 1, 1, 1, 3, 3, 3, 3]);
  });

  it('give each row the expected number of times, rounded up or down, for any weights', () => {
    const weights = fc
      .array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
      .filter((values) => values.some((value) => value > 0));
    fc.assert(
      fc.property(weights, fc.nat(99), (weight_N, epoch) => {
        const numRows = weight_N.length;
        const rows = plan({ numRows, weight_N, epoch }).flat();
        expect(rows).toHaveLength(numRows);
        const total = weight_N.reduce((sum, weight) => sum + weight, 0);
        for (const [row, weight] of weight_N.entries()) {
          const expected = (numRows * weight) / total;
          const times = rows.filter((other) => other === row).length;
          expect(Math.abs(times - expected)).toBeLessThan(1 + 1e-6);
          if (weight === 0) expect(times).toBe(0);
        }
      }),
    );
  });

  it('draw fractions in the long run: 0.25 of a row comes in one epoch of four', () => {
    const weight_N = [1, 1, 1, 0.25];
    const times = Array.from({ length: 400 }, (_, epoch) => plan({ numRows: 4, weight_N, epoch }).flat())
      .flat()
      .filter((row) => row === 3).length;
    expect(times / 400).toBeCloseTo((4 * 0.25) / 3.25, 1);
  });
});

describe('lengths', () => {
  const length_N = Array.from({ length: 1000 }, (_, row) => (row * 37) % 100);
  const spreadOf = (batches: readonly number[][]): number =>
    batches.reduce((sum, rows) => {
      const lengths = rows.map((row) => length_N[row]!);
      return sum + rows.length * Math.max(...lengths) - lengths.reduce((a, b) => a + b, 0);
    }, 0);

  it('bring rows of similar length together, in batches of any order', () => {
    const [bucketed, plain] = [plan({ numRows: 1000, length_N }), plan({ numRows: 1000 })];
    expect(sorted(bucketed.flat())).toEqual(sorted(plain.flat()));
    expect(spreadOf(bucketed)).toBeLessThan(spreadOf(plain) / 10);
    const first = bucketed.slice(0, 20).map(([row]) => length_N[row!]!);
    expect(first).not.toEqual(sorted(first));
  });
});

it.each([
  [{ batchSize: 0 }, 'batchSize is 0; expected an integer ≥ 1'],
  [{ epoch: -1 }, 'epoch is -1'],
  [{ weight_N: [1, 2] }, 'weight_N has 2 values; expected one for each of 10 rows'],
  [{ weight_N: new Array<number>(10).fill(-1) }, 'A weight is negative'],
  [{ weight_N: new Array<number>(10).fill(0) }, 'All weights are 0'],
])('refuses %j', (options, message) => {
  expect(() => plan(options)).toThrow(message);
});
