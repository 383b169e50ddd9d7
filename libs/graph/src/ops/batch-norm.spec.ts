import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { batchNorm, batchNormInference } from '../index.js';

const run = (fn: () => void) => expectNoLeak(tf, () => tf.tidy(fn));

describe('batchNorm', () => {
  it('gives every channel mean 0 and variance 1 before scale and offset, and the biased variance', () =>
    run(() => {
      // channel 0: mean 3, variance (4 + 4)/2 = 4; channel 1: mean 20, variance 100
      const { normalized, mean_C, variance_C } = batchNorm(tf.tensor2d([1, 10, 5, 30], [2, 2]), {
        scale_C: tf.tensor1d([1, 2]),
        offset_C: tf.tensor1d([0, 7]),
        epsilon: 1e-9,
      });
      expectClose(normalized.dataSync(), [-1, 5, 1, 9]);
      expectClose(mean_C.dataSync(), [3, 20]);
      expectClose(variance_C.dataSync(), [4, 100], { relative: 1e-6 });
    }));

  it('counts every pixel of every image', () =>
    run(() => {
      const { mean_C, variance_C } = batchNorm(tf.tensor4d([0, 1, 2, 3, 4, 5], [1, 3, 2, 1]), {
        scale_C: tf.ones([1]),
        offset_C: tf.zeros([1]),
      });
      expectClose(mean_C.dataSync(), [2.5]);
      expectClose(variance_C.dataSync(), [35 / 12]); // (6² − 1)/12
    }));

  it('gives the offset, and variance 0, for a batch of one row', () =>
    run(() => {
      const one = { scale_C: tf.ones<tf.Rank.R1>([2]), offset_C: tf.tensor1d([3, 4]) };
      const { normalized, variance_C } = batchNorm(tf.tensor2d([5, -6], [1, 2]), one);
      expectClose([...normalized.dataSync(), ...variance_C.dataSync()], [3, 4, 0, 0], { absolute: 1e-5 });
    }));

  it('refuses another number of channels, three axes and an epsilon of 0', () =>
    run(() => {
      const two = { scale_C: tf.ones<tf.Rank.R1>([2]), offset_C: tf.zeros<tf.Rank.R1>([2]) };
      expect(() => batchNorm(tf.zeros<tf.Rank.R2>([4, 3]), two)).toThrow(
        expect.objectContaining({
          code: 'SHAPE_MISMATCH',
          message: expect.stringContaining(
            'input is [4, 3], scale_C is [2], offset_C is [2]. Fix: make C equal',
          ) as string,
        }) as Error,
      );
      expect(() => batchNorm(tf.zeros<tf.Rank.R3>([4, 3, 2]) as tf.Tensor as tf.Tensor4D, two)).toThrow(
        'input is [4, 3, 2]',
      );
      expect(() => batchNorm(tf.zeros<tf.Rank.R2>([4, 2]), { ...two, epsilon: 0 })).toThrow(
        'epsilon above 0; got 0',
      );
    }));
});

describe('batchNormInference', () => {
  it('uses the given statistics', () =>
    run(() => {
      const normalized = batchNormInference(tf.tensor2d([5, 7], [2, 1]), {
        mean_C: tf.tensor1d([4]),
        variance_C: tf.tensor1d([3]),
        scale_C: tf.tensor1d([10]),
        offset_C: tf.tensor1d([1]),
        epsilon: 1,
      });
      expectClose(normalized.dataSync(), [6, 16]); // 1 + 10·(x − 4)/√(3 + 1)
    }));

  it('refuses statistics of another number of channels', () =>
    run(() => {
      const parameters = {
        ...{ mean_C: tf.zeros<tf.Rank.R1>([3]), variance_C: tf.ones<tf.Rank.R1>([2]) },
        ...{ scale_C: tf.ones<tf.Rank.R1>([2]), offset_C: tf.zeros<tf.Rank.R1>([2]) },
      };
      expect(() => batchNormInference(tf.zeros<tf.Rank.R2>([4, 2]), parameters)).toThrow('mean_C is [3]');
    }));
});
