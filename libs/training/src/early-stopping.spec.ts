import { bestEpochOf, shouldStop } from './early-stopping.js';
import type { EpochLog } from './epoch-log.js';

const log = (epoch: number, meanAveragePrecision: number | null, validationLoss: number): EpochLog => ({
  epoch,
  trainLoss: 0,
  validationLoss,
  averagePrecision: {},
  meanAveragePrecision,
  lr: 0,
});
const history = [log(1, 0.5, 0.9), log(2, 0.7, 0.8), log(3, 0.7, 0.6), log(4, 0.6, 0.7)];

test('the best epoch has the greatest average precision, the earlier one of equals', () => {
  expect(bestEpochOf(history, { monitor: 'averagePrecision', patience: 1 })).toBe(2);
});

test('the best epoch has the least loss when loss is monitored', () => {
  expect(bestEpochOf(history, { monitor: 'loss', patience: 1 })).toBe(3);
});

test('stops when as many epochs as the patience have brought nothing', () => {
  expect(shouldStop(history, { monitor: 'averagePrecision', patience: 2 })).toBe(true);
  expect(shouldStop(history, { monitor: 'averagePrecision', patience: 3 })).toBe(false);
});

test('does not stop before the first epoch', () => {
  expect(shouldStop([], { monitor: 'loss', patience: 1 })).toBe(false);
});

test('refuses to choose by average precision when no class has one', () => {
  expect(() => bestEpochOf([log(1, null, 0.5)], { monitor: 'averagePrecision', patience: 1 })).toThrow(
    /No class has both positives and negatives/,
  );
});
