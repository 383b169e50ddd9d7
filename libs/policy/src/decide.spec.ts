import { expectClose } from '@assay/testing';
import {
  calibratedProbability,
  decide,
  parseOperatingPoints,
  showProbability,
  type OperatingPoints,
} from './index.js';

const act = {
  threshold: 0.75,
  precision: 0.95,
  minPrecision: 0.9,
  confidence: 0.95,
  recall: 0.5,
  predicted: 40,
  correct: 38,
};
const policy = {
  policy: 'weapons',
  policyVersion: '2',
  temperature: 1,
  act,
  noActReason: null,
  review: { threshold: 0.5, recall: 0.9 },
};
const points = (...policies: OperatingPoints['policies']): OperatingPoints => ({
  schemaVersion: 1,
  kind: 'multi-label',
  policies,
});
const logitOf = (p: number): number => Math.log(p / (1 - p));
const bandAt = (p: number, point = policy as OperatingPoints['policies'][number]): string =>
  decide({ logit_K: [logitOf(p)] }, points(point))[0]!.band;

test('a score at the threshold acts, one just below is reviewed, one below both passes', () => {
  const atThreshold = { ...policy, act: { ...act, threshold: 0.5 }, review: { threshold: 0.25, recall: 1 } };
  expect(decide({ logit_K: [0] }, points(atThreshold))[0]).toMatchObject({
    band: 'act',
    score: 0.5,
    threshold: 0.5,
    policyVersion: '2',
  });
  expect([bandAt(0.8), bandAt(0.749), bandAt(0.51), bandAt(0.49)]).toEqual([
    'act',
    'review',
    'review',
    'pass',
  ]);
});

test('a policy without a threshold never acts, however high the score', () => {
  const unproven = { ...policy, act: null, noActReason: 'too few records' };
  expect(bandAt(0.9999, unproven)).toBe('review');
  expect(bandAt(0.9999, { ...unproven, review: null })).toBe('pass');
});

test('temperature is applied before the threshold', () => {
  expect(bandAt(0.8, { ...policy, temperature: 4 })).toBe('review'); // sigmoid(1.386 / 4) = 0.586
});

test('the reason names score and threshold', () => {
  expect(decide({ logit_K: [logitOf(0.8)] }, points(policy))[0]!.reason).toBe(
    'Score 0.800 is at least 0.750, from which a precision of 0.9 is proven with 95 % confidence, for records like those of the calibration split and independent of each other.',
  );
});

test('a confidence of 0.995 is not rounded up to certainty', () => {
  const sure = { ...policy, act: { ...act, confidence: 0.995 } };
  expect(decide({ logit_K: [logitOf(0.8)] }, points(sure))[0]!.reason).toContain('with 99.5 % confidence');
});

test('a pass names the lowest threshold, also where review would start above act', () => {
  const crossed = { ...policy, review: { threshold: 0.9, recall: 0.8 } };
  expect(decide({ logit_K: [logitOf(0.7)] }, points(crossed))[0]).toMatchObject({
    band: 'pass',
    threshold: 0.75,
    reason: 'Score 0.700 is below 0.750.',
  });
});

test('a probability close to 0 or 1 keeps the digits that tell it from them', () => {
  expect([0.75, 0.00012, 0.99996, 0, 1].map(showProbability)).toEqual([
    '0.750',
    '0.0001',
    '0.99996',
    '0.000',
    '1.000',
  ]);
});

test('a NaN logit and a wrong number of logits are refused', () => {
  expect(() => decide({ logit_K: [Number.NaN] }, points(policy))).toThrow(
    expect.objectContaining({ code: 'NON_FINITE' }) as Error,
  );
  expect(() => decide({ logit_K: [1, 2] }, points(policy))).toThrow(
    expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
  );
});

test('probabilities: sigmoid per policy, softmax over classes, stable for large logits', () => {
  expectClose(calibratedProbability([0, Math.log(3)], 'multi-label', [1, 1]), [0.5, 0.75], {
    absolute: 1e-12,
  });
  expectClose(calibratedProbability([Math.log(1), Math.log(3)], 'multi-class', [1, 1]), [0.25, 0.75], {
    absolute: 1e-12,
  });
  expectClose(calibratedProbability([-2000, 2000], 'multi-label', [1, 1]), [0, 1]);
  expectClose(calibratedProbability([2000, 1000, 2000], 'multi-class', [1]), [0.5, 0, 0.5]);
});

test('operating points that do not follow the schema are refused', () => {
  expect(parseOperatingPoints(points(policy))).toEqual(points(policy));
  expect(() => parseOperatingPoints({ ...points(policy), kind: 'other' })).toThrow(
    expect.objectContaining({ code: 'FILE_CORRUPT' }) as Error,
  );
  expect(() => parseOperatingPoints(points({ ...policy, temperature: 0 }))).toThrow('temperature');
});

test('operating points may say what they were chosen on, and those of older bundles need not', () => {
  const review = { threshold: 0.5, recall: 0.9, caught: 9, violations: 10 };
  const counted = { ...points({ ...policy, review }), calibration: { records: 83, groups: 40 } };
  expect(parseOperatingPoints(counted)).toEqual(counted);
  expect(() => parseOperatingPoints({ ...counted, calibration: { records: 83 } })).toThrow('groups');
});
