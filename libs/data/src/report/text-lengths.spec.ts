import fc from 'fast-check';
import { LengthCounts, lengthOf } from './text-lengths.js';

const summaryOf = (lengths: readonly number[]) => {
  const counts = new LengthCounts();
  for (const length of lengths) counts.add(length);
  return counts.summary();
};

test('lengthOf counts code points, and halves of pairs as one each', () => {
  expect(lengthOf('')).toBe(0);
  expect(lengthOf('añ😀b')).toBe(4);
  expect(lengthOf('\uD83D\uD83D\uDE00\uDE00')).toBe(3);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => lengthOf(text) === [...text].length));
});

describe('LengthCounts', () => {
  it('has no summary of nothing', () => {
    expect(summaryOf([])).toBeNull();
  });

  it('gives the quantiles and bins of a few lengths', () => {
    // Edges at 1, 2, 3, 4, 5, 6, 7, 8, 10: 2^(k/4), rounded.
    expect(summaryOf([2, 2, 9, 3])).toEqual({
      ...{ count: 4, min: 2, median: 2, p95: 9, max: 9 },
      bins: [
        { from: 2, to: 3, count: 2 },
        { from: 3, to: 4, count: 1 },
        { from: 4, to: 5, count: 0 },
        { from: 5, to: 6, count: 0 },
        { from: 6, to: 7, count: 0 },
        { from: 7, to: 8, count: 0 },
        { from: 8, to: 10, count: 1 },
      ],
    });
  });

  it('finds every length in the one bin that holds it', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 });
    fc.assert(
      fc.property(lengths, (all) => {
        const { bins = [], median, p95 } = summaryOf(all) ?? {};
        for (const { from, to, count } of bins)
          expect(all.filter((length) => from <= length && length < to)).toHaveLength(count);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        const sorted = [...all].sort((a, b) => a - b);
        expect(median).toBe(sorted[Math.ceil(0.5 * all.length) - 1]);
        expect(p95).toBe(sorted[Math.ceil(0.95 * all.length) - 1]);
      }),
    );
  });

  it('keeps three digits of long texts, but the shortest and the longest as they are', () => {
    expect(summaryOf([10_001, 123_456, 123_512, 456_789])).toMatchObject({
      ...{ min: 10_001, median: 123_000, p95: 456_789, max: 456_789 },
    });
    expect(summaryOf([123_456])).toMatchObject({ min: 123_456, median: 123_456, max: 123_456 });
  });
});
