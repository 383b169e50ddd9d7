import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { assertSeed, randomNormal } from './stateless-random.js';

/**
 * Adds numbers of a normal distribution of mean 0, drawn on the device.
 *
 * @param input any float32 tensor
 * @param deviation standard deviation of the noise, ≥ 0, in units of the input
 * @param seed_2 int32 [2], like [step, layer]: equal seeds and shapes give equal noise
 * @returns a tensor like the input, whose gradient passes unchanged; with deviation 0 a copy of it. Caller disposes.
 * @throws SHAPE_MISMATCH when the seed is not int32 [2] or the deviation is negative
 */
export function gaussianNoise<T extends tf.Tensor>(input: T, deviation: number, seed_2: tf.Tensor1D): T {
  if (!(deviation >= 0 && deviation < Infinity)) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `gaussianNoise needs a standard deviation of at least 0; got ${deviation}. Fix: pass a number like 0.1.`,
    );
  }
  assertSeed('gaussianNoise', seed_2);
  if (deviation === 0) return input.clone();
  return tf.tidy(() => input.add<T>(randomNormal(input.shape, seed_2).mul(deviation)));
}
