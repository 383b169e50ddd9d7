import { Random } from '@assay/core';
import { binomialUpperTail } from './binomial.js';
import { chooseActThreshold, chooseReviewThreshold } from './choose-threshold.js';
import { fitTemperatures } from './fit-temperature.js';

const all = (n: number): number[] => new Array<number>(n).fill(1);
const falling = (n: number): number[] => Array.from({ length: n }, (_, i) => 1 - i / n);

test('binomial tails by hand', () => {
  expect(binomialUpperTail(2, 3, 0.5)).toBeCloseTo(0.5, 12);
  expect(binomialUpperTail(5, 5, 0.8)).toBeCloseTo(0.8 ** 5, 12);
  expect([binomialUpperTail(0, 4, 0.1), binomialUpperTail(5, 4, 0.1)]).toEqual([1, 0]);
});

test('with precision 0.8 and confidence 0.9 eleven correct records are the fewest that prove it', () => {
  const options = { minPrecision: 0.8, confidence: 0.9 }; // 0.8¹⁰ = 0.107 > 0.1 ≥ 0.8¹¹ = 0.086; one walk
  const labels = all(11);
  expect(chooseActThreshold(falling(11), labels, all(11), options).act).toMatchObject({
    predicted: 11,
    correct: 11,
    recall: 1,
    precision: 1,
  });
  const ten = chooseActThreshold(falling(10), all(10), all(10), options);
  expect(ten.act).toBeNull();
  expect(ten.reason).toBe(
    'A proof of precision 0.8 with confidence 0.9 needs at least 11 records with known labels; the calibration split has 10.',
  );
});

test('a walk ends at the first threshold that fails, though a later one would pass', () => {
  // 27 records have one walk, of level 0.1: 28 = 2 × 14 are the fewest with two, 0.8¹⁴ = 0.044 ≤ 0.05.
  const labels = [...all(11), 0, 0, ...all(14)]; // 11 of 12: P(X ≥ 11) = 0.27 > 0.1; 25 of 27: 0.07 < 0.1
  const { act } = chooseActThreshold(falling(27), labels, all(27), { minPrecision: 0.8, confidence: 0.9 });
  expect(act).toMatchObject({ predicted: 11, threshold: (falling(27)[10]! + falling(27)[11]!) / 2 });
  expect(binomialUpperTail(25, 27, 0.8)).toBeLessThan(0.1);
});

test('a second walk forgives a wrong label near the top, and pays with half of the error', () => {
  // 28 records have two walks, from 14 and from 28, each of level 0.05.
  const labels = [...all(5), 0, ...all(22)]; // 13 of 14: 0.198 > 0.05; 27 of 28: 0.8²⁸ + 28 · 0.2 · 0.8²⁷ = 0.0155
  const { act } = chooseActThreshold(falling(28), labels, all(28), { minPrecision: 0.8, confidence: 0.9 });
  expect(act).toMatchObject({ predicted: 28, correct: 27, recall: 1 });
  const eleven = [...all(11), ...new Array<number>(17).fill(0)]; // 0.8¹¹ = 0.086 would do for one walk
  const none = chooseActThreshold(falling(28), eleven, all(28), { minPrecision: 0.8, confidence: 0.9 });
  expect(none.act).toBeNull();
  expect(none.reason).toBe(
    'Of the highest-scored calibration records 11 of 14, 11 of 28 are violations, which does not prove precision 0.8 with confidence 0.9.',
  );
});

test('records of equal score are taken together', () => {
  const scores = [...new Array<number>(12).fill(0.9), 0.1];
  const { act, reason } = chooseActThreshold(scores, [...all(11), 0, 0], all(13), {
    minPrecision: 0.8,
    confidence: 0.9,
  });
  expect(act).toBeNull();
  expect(reason).toContain('11 of 12');
});

test('thresholds without the precision are chosen less often than allowed, and good ones are found', () => {
  const random = new Random(7, 'threshold-power');
  const DRAWS = 300;
  const found = (precisionAt: (n: number) => number, minPrecision: number, confidence: number): number => {
    let chosen = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const labels = falling(1000).map((_, n) => (random.bernoulli(precisionAt(n)) ? 1 : 0));
      if (chooseActThreshold(falling(1000), labels, all(1000), { minPrecision, confidence }).act !== null)
        chosen++;
    }
    return chosen / DRAWS;
  };
  expect(found(() => 0.899, 0.9, 0.95)).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / DRAWS));
  expect(found((n) => (n < 200 ? 0.97 : 0.02), 0.9, 0.95)).toBeGreaterThan(0.85); // 0.39 with a single walk
});

test('unknown labels count neither way', () => {
  const known = [...all(11), 0];
  expect(
    chooseActThreshold(falling(12), [...all(11), 0], known, { minPrecision: 0.8, confidence: 0.9 }).act,
  ).toMatchObject({ predicted: 11 });
});

test('the review threshold is the strictest that reaches the recall', () => {
  const scores = [0.9, 0.8, 0.7, 0.6, 0.5];
  const labels = [1, 0, 1, 0, 1];
  expect(chooseReviewThreshold(scores, labels, all(5), { minRecall: 0.6 })).toEqual({
    threshold: (0.7 + 0.6) / 2,
    recall: 2 / 3,
    caught: 2,
    violations: 3,
  });
  expect(chooseReviewThreshold(scores, labels, all(5), { minRecall: 1 })).toMatchObject({
    recall: 1,
    caught: 3,
  });
  expect(chooseReviewThreshold(scores, [0, 0, 0, 0, 0], all(5), { minRecall: 0.9 })).toBeNull();
});

describe('a threshold that was the score of a calibration record', () => {
  const options = { minPrecision: 0.8, confidence: 0.9 };
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const logits = Array.from({ length: 20 }, (_, n) => 5 - n / 2);
  const labels = logits.map((_, n) => (n < 12 ? 1 : 0));
  const scoresAt = (shift: number, temperature: number): number[] =>
    logits.map((logit) => sigmoid((logit + shift) / temperature));
  const numAtOrAbove = (scores: readonly number[], threshold: number): number =>
    scores.filter((score) => score >= threshold).length;

  test('put that record on the other side where its logit is rounded in another way', () => {
    for (const temperature of [0.25, 1, 4]) {
      const scores = scoresAt(0, temperature);
      const { act } = chooseActThreshold(scores, labels, all(20), { ...options, temperature });
      const review = chooseReviewThreshold(scores, labels, all(20), { minRecall: 0.5, temperature });
      for (const shift of [-1e-5, -6.6e-7, 0, 6.6e-7, 1e-5]) {
        const moved = scoresAt(shift, temperature);
        expect(numAtOrAbove(moved, act!.threshold)).toBe(12);
        expect(numAtOrAbove(moved, review!.threshold)).toBe(6);
      }
    }
  });
  test('also where no score lies below it', () => {
    const scores = scoresAt(0, 1).slice(0, 11);
    const act = chooseActThreshold(scores, all(11), all(11), options).act!;
    const review = chooseReviewThreshold(scores, all(11), all(11), { minRecall: 1 })!;
    expect(review.threshold).toBe(act.threshold);
    expect(numAtOrAbove(scoresAt(-6.6e-7, 1).slice(0, 11), act.threshold)).toBe(11);
    expect(scores[10]! - act.threshold).toBeLessThan(1e-5); // below it nothing is proven
  });
  test('scores whose logits lie closer than can be told apart are one score', () => {
    const close = (gap: number): number[] => [...falling(20).slice(0, 10), sigmoid(-1), sigmoid(-1 - gap)];
    const review = (gap: number) =>
      chooseReviewThreshold(close(gap), [...all(11), 0], all(12), { minRecall: 1 })!.threshold;
    const lowest = (gap: number): number => close(gap)[11]!;
    expect(review(0.5e-5)).toBeLessThan(lowest(0.5e-5)); // below both
    expect(review(2e-5)).toBeGreaterThan(lowest(2e-5)); // between them
    const { act } = chooseActThreshold(close(0.5e-5), [...all(11), 0], all(12), options);
    expect(act).toBeNull(); // 11 of 12 are not enough, and the eleventh is not tested without the twelfth
  });
  test('scores that round to 1 are one score with those beside it', () => {
    const scores = [1, 1 - Number.EPSILON / 2, 1 - Number.EPSILON, 0.5];
    const { threshold } = chooseReviewThreshold(scores, [1, 0, 0, 0], all(4), { minRecall: 1 })!;
    expect(threshold).toBeCloseTo(0.75, 12);
  });
});

describe('temperature', () => {
  const input = (
    logits: number[],
    labels: number[],
    kind: 'multi-label' | 'multi-class',
    numClasses: number,
  ) => ({
    logit_NK: Float32Array.from(logits),
    label_NK: Float32Array.from(labels),
    known_NK: new Float32Array(labels.length).fill(1),
    weight_N: new Float32Array(labels.length / numClasses).fill(1),
    numClasses,
    kind,
  });

  test('logits that are right three times of four are brought to log 3', () => {
    const [temperature] = fitTemperatures(
      input([4, 4, 4, 4, -4, -4, -4, -4], [1, 1, 1, 0, 0, 0, 0, 1], 'multi-label', 1),
    );
    expect(4 / temperature!).toBeCloseTo(Math.log(3), 4);
  });
  test('classes share one temperature', () => {
    const temperatures = fitTemperatures(
      input([3, 0, 3, 0, 3, 0, 3, 0], [1, 0, 1, 0, 1, 0, 0, 1], 'multi-class', 2),
    );
    expect(3 / temperatures[0]!).toBeCloseTo(Math.log(3), 4);
    expect(temperatures[1]).toBe(temperatures[0]);
  });
  test('without both labels among those that count it stays at 1', () => {
    const classes = input([3, 0, 3, 0], [1, 0, 1, 0], 'multi-class', 2);
    expect(fitTemperatures(classes)).toEqual([1, 1]);
    const unknown = input([3, 0, 3, 0], [1, 0, 0, 1], 'multi-class', 2);
    expect(fitTemperatures({ ...unknown, known_NK: new Float32Array(4) })).toEqual([1, 1]);
    const weightless = input([4, 3], [1, 0], 'multi-label', 1);
    expect(fitTemperatures({ ...weightless, weight_N: new Float32Array(2) })).toEqual([1]);
    expect(fitTemperatures(input([4, 3], [1, 1], 'multi-label', 1))).toEqual([1]);
  });
});
