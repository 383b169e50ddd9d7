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
  const options = { minPrecision: 0.8, confidence: 0.9 }; // 0.8¹⁰ = 0.107 > 0.1 ≥ 0.8¹¹ = 0.086
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
    'Precision 0.8 with confidence 0.9 needs at least 11 records with known labels; validation has 10.',
  );
});

test('the walk ends at the first threshold that fails, though a later one would pass', () => {
  const labels = [...all(11), 0, 0, ...all(60)]; // 11 of 12: P(X ≥ 11) = 0.27 > 0.1
  const { act } = chooseActThreshold(falling(73), labels, all(73), { minPrecision: 0.8, confidence: 0.9 });
  expect(act).toMatchObject({ predicted: 11, threshold: falling(73)[10] });
  expect(binomialUpperTail(71, 73, 0.8)).toBeLessThan(0.1);
});

test('records of equal score are taken together', () => {
  const scores = [...new Array<number>(11).fill(0.9), 0.9, 0.1];
  const { act, reason } = chooseActThreshold(scores, [...all(11), 0, 0], all(13), {
    minPrecision: 0.8,
    confidence: 0.9,
  });
  expect(act).toBeNull();
  expect(reason).toContain(
    'Of the 12 highest-scored validation records 11 are violations; precision 0.8 with confidence 0.9 would need 12',
  );
});

test('unknown labels count neither way', () => {
  const known = [...all(11), 0];
  expect(
    chooseActThreshold(falling(12), [...all(11), 0], known, { minPrecision: 0.8, confidence: 0.9 }).act,
  ).toMatchObject({ predicted: 11 });
});

test('the review threshold is the strictest that reaches the recall', () => {
  const scores = [0.9, 0.8, 0.7, 0.6, 0.5];
  expect(chooseReviewThreshold(scores, [1, 0, 1, 0, 1], all(5), 0.6)).toEqual({
    threshold: 0.7,
    recall: 2 / 3,
  });
  expect(chooseReviewThreshold(scores, [1, 0, 1, 0, 1], all(5), 1)).toEqual({ threshold: 0.5, recall: 1 });
  expect(chooseReviewThreshold(scores, [0, 0, 0, 0, 0], all(5), 0.9)).toBeNull();
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
  test('without both labels it stays at 1', () => {
    expect(fitTemperatures(input([4, 3], [1, 1], 'multi-label', 1))).toEqual([1]);
  });
});
