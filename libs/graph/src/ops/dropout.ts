import { tf } from '@assay/tensorflow';
import { assertDropout, keptFactors, keptValues } from './dropout-mask.js';
import { ownGradient } from './own-gradient.js';

/**
 * Inverted dropout, drawn on the device: values are zeroed with probability `rate`, the others are scaled by 1/(1−rate).
 *
 * @param input float32 of rank 1 or more
 * @param rate in [0, 1), rounded to a multiple of 1/65536
 * @param seed_2 int32 [2], like [step, layer]: equal seeds and shapes give equal masks
 * @returns a tensor like the input; with rate 0 a copy of it. Caller disposes.
 * @throws SHAPE_MISMATCH when the seed is not int32 [2] or the rate is out of range
 * @see Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"
 */
export function dropout<T extends tf.Tensor>(input: T, rate: number, seed_2: tf.Tensor1D): T {
  assertDropout('dropout', rate, seed_2);
  if (rate === 0) return input.clone();
  return tf.tidy(() => {
    const drop = ownGradient('dropout', (...args) => {
      const [x, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
      const kept = keptValues(x.shape, rate, seed_2);
      save([kept]);
      return {
        value: x.mul(keptFactors(kept, rate)),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [mask] = saved as [tf.Tensor]; // as saved above
          return gradient.mul(keptFactors(mask, rate));
        },
      };
    });
    return drop(input) as T; // elementwise
  });
}
