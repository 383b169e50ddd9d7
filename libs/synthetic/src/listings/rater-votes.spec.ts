import { Random } from '@assay/core';
import { rate } from './rater-votes.js';

const ratings = (truth: boolean, hard: boolean) =>
  Array.from({ length: 4000 }, (_, i) => rate(truth, hard, new Random(3, `rating/${i}`)));

test('the label is the majority of three votes', () => {
  for (const { label, yes } of ratings(true, true)) {
    expect(label).toBe(yes === null ? null : Number(yes >= 2));
  }
});

test('the majority errs as three raters of 5 % and of 12 % error do', () => {
  // 3 p² (1 - p) + p³: 0.00725 at p = 0.05 and 0.0397 at p = 0.12.
  const errors = (hard: boolean): number => {
    const known = ratings(false, hard).filter(({ label }) => label !== null);
    return known.filter(({ label }) => label === 1).length / known.length;
  };
  expect(errors(false)).toBeCloseTo(0.00725, 2);
  expect(errors(true)).toBeGreaterThan(0.03);
  expect(errors(true)).toBeLessThan(0.05);
});

test('8 % of labels are unknown', () => {
  const unknown = ratings(true, false).filter(({ label }) => label === null).length / 4000;
  expect(Math.abs(unknown - 0.08)).toBeLessThan(0.015);
});
