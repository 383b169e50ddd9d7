import { bestEpochOf } from './early-stopping.js';
import type { TrainingBatch } from './training-session.js';
import { validate } from './validate.js';

/** Four records; scores 4, 3, 2, 1 for every class. */
const figuresOf = (labels: number[][], { known = 1, weights = [1, 1, 1, 1] } = {}) => {
  const numClasses = labels[0]!.length;
  const batch: TrainingBatch = {
    size: 4,
    ids: ['a', 'b', 'c', 'd'],
    inputs: {},
    label_BK: Float32Array.from(labels.flat()),
    labelKnown_BK: new Float32Array(4 * numClasses).fill(known),
    weight_B: Float32Array.from(weights),
  };
  const score_BK = Float32Array.from(labels.flatMap((row, b) => row.map(() => 4 - b)));
  const session = { predict: () => ({ score_BK, loss: { sum: 3, weight: 4 } }) };
  return validate(
    session,
    [batch, batch],
    Array.from({ length: numClasses }, (_, k) => `class ${k}`),
  );
};

test('a vote that is tied counts as a positive, as it does in the evaluation', async () => {
  // positives at ranks 1 and 3, each twice: AP = (1 + 4/6) / 2 with equal scores taken together
  const { averagePrecision } = await figuresOf([[0.5], [0.4], [1], [0]]);
  expect(averagePrecision).toEqual({ 'class 0': expect.closeTo((1 + 4 / 6) / 2, 6) as number });
});

test('a class with only positives has no average precision: every order of its records would score 1', async () => {
  const figures = await figuresOf([
    [1, 1, 0],
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ]);
  expect(figures.averagePrecision).toEqual({ 'class 0': null, 'class 1': 1, 'class 2': null });
  expect(figures.meanAveragePrecision).toBe(1);
  expect(figures.validationLoss).toBe(0.75);
});

test('a negative of weight 0 does not make a class measurable', async () => {
  const { averagePrecision } = await figuresOf([[1], [1], [1], [0]], { weights: [1, 1, 1, 0] });
  expect(averagePrecision).toEqual({ 'class 0': null });
});

test('no class with both kinds is LABELS_DEGENERATE when average precision picks the epoch', async () => {
  const figures = await figuresOf([[1], [1], [1], [1]]);
  const log = { epoch: 1, trainLoss: 0, lr: 0, ...figures };
  expect(() => bestEpochOf([log], { monitor: 'averagePrecision', patience: 1 })).toThrow(
    expect.objectContaining({ code: 'LABELS_DEGENERATE' }) as Error,
  );
});
