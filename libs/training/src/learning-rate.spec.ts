import { learningRateAt } from './learning-rate.js';

const schedule = { peak: 0.8, totalSteps: 10, warmupFraction: 0.2 };

test('rises linearly to the peak during warm-up', () => {
  expect([0, 1].map((step) => learningRateAt(step, schedule))).toEqual([0.4, 0.8]);
});

test('falls along half a cosine from the peak', () => {
  // 8 steps of decay: step 2 is its start, step 6 its middle
  expect(learningRateAt(2, schedule)).toBeCloseTo(0.8, 12);
  expect(learningRateAt(6, schedule)).toBeCloseTo(0.4, 12);
  expect(learningRateAt(4, schedule)).toBeCloseTo(0.4 * (1 + Math.SQRT1_2), 12);
});

test('stays above zero on the last step', () => {
  expect(learningRateAt(9, schedule)).toBeGreaterThan(0);
});

test('starts at the peak without warm-up', () => {
  expect(learningRateAt(0, { ...schedule, warmupFraction: 0 })).toBe(0.8);
});
