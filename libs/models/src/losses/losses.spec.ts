import { tf } from '@assay/tensorflow';
import { expectNoLeak } from '@assay/testing';
import { multiClassLoss } from './multi-class.js';
import { multiLabelLoss } from './multi-label.js';
import type { Loss } from './loss.js';

/** B=2, K=3 */
async function lossOf(
  loss: Loss,
  logits: number[][],
  labels: number[][],
  weights: number[][],
): Promise<number> {
  return expectNoLeak(tf, () =>
    tf.tidy(() => loss(tf.tensor2d(logits), tf.tensor2d(labels), tf.tensor2d(weights)).mean.dataSync()[0]!),
  );
}

describe('multi-label loss', () => {
  test('is the weighted mean of −y·log σ(z) − (1 − y)·log(1 − σ(z))', async () => {
    // z = ln 3 gives σ = 0.75. Elements: −ln 0.75 (w 1), −ln 0.25 (w 2), half of each (w 1), the rest unknown
    const z = Math.log(3);
    const found = await lossOf(
      multiLabelLoss,
      [
        [z, z, z],
        [9, 9, 9],
      ],
      [
        [1, 0, 0.5],
        [0, 0, 0],
      ],
      [
        [1, 2, 1],
        [0, 0, 0],
      ],
    );
    const [a, b] = [-Math.log(0.75), -Math.log(0.25)];
    expect(found).toBeCloseTo((a + 2 * b + (a + b) / 2) / 4, 6);
  });

  test('stays finite for huge logits', async () => {
    expect(await lossOf(multiLabelLoss, [[1e4, -1e4, 1e4]], [[1, 0, 0]], [[1, 1, 1]])).toBeCloseTo(
      1e4 / 3,
      2,
    );
  });

  test('is zero when every label is unknown', async () => {
    expect(await lossOf(multiLabelLoss, [[1, 2, 3]], [[1, 0, 1]], [[0, 0, 0]])).toBe(0);
  });
});

describe('multi-class loss', () => {
  test('is the weighted mean of −log softmax over soft labels', async () => {
    // softmax of [ln 1, ln 2, ln 5] is 1/8, 2/8, 5/8
    const logits = [Math.log(1), Math.log(2), Math.log(5)];
    const found = await lossOf(
      multiClassLoss,
      [logits, logits],
      [
        [0, 0.5, 0.5],
        [1, 0, 0],
      ],
      [
        [1, 1, 1],
        [3, 3, 3],
      ],
    );
    const first = -(0.5 * Math.log(2 / 8) + 0.5 * Math.log(5 / 8));
    expect(found).toBeCloseTo((first + 3 * -Math.log(1 / 8)) / 4, 6);
  });

  test('leaves out a record whose class is unknown', async () => {
    const logits = [0, 0, 0];
    expect(
      await lossOf(
        multiClassLoss,
        [logits, [5, 1, 2]],
        [
          [1, 0, 0],
          [1, 0, 0],
        ],
        [
          [1, 1, 1],
          [0, 0, 0],
        ],
      ),
    ).toBeCloseTo(Math.log(3), 6);
  });
});

test.each([
  ['multi-label', multiLabelLoss, 6], // every element counts
  ['multi-class', multiClassLoss, 3], // the true class of each record counts
])('%s gives its weight beside the mean, so that batches of any size add up', (_name, loss, expected) => {
  // B=2, K=2, all logits 0: every element, and every true class, has the loss ln 2
  const [mean, weight] = tf.tidy(() => {
    const labels = tf.tensor2d([
      [1, 0],
      [0, 1],
    ]);
    const weights = tf.tensor2d([
      [1, 1],
      [2, 2],
    ]);
    const found = loss(tf.zeros([2, 2]), labels, weights);
    return [found.mean.dataSync()[0]!, found.weight.dataSync()[0]!];
  });
  expect(mean).toBeCloseTo(Math.LN2, 6);
  expect(weight).toBe(expected);
});
