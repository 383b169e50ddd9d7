import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { nativeOp, typeAttribute } from './native-op.js';
import { assertSeed, randomBool } from './stateless-random.js';

/** Decisions are drawn with 16 bits: a rate is rounded to a multiple of 1/65536, and the scale fits the rounded rate. */
const LEVELS = 65536;

const levelOf = (rate: number): number => Math.min(Math.round(rate * LEVELS), LEVELS - 1);

/** @throws SHAPE_MISMATCH when the seed is not int32 [2] or the rate is out of range */
export function assertDropout(op: string, rate: number, seed_2: tf.Tensor): void {
  if (!(rate >= 0 && rate < 1))
    throw new AssayError('SHAPE_MISMATCH', `${op} needs a rate in [0, 1); got ${rate}. Fix: lower it.`);
  assertSeed(op, seed_2);
}

/** What inverted dropout keeps: bool of the shape, false with probability `rate`. One byte per value to save. */
export const keptValues = (shape: readonly number[], rate: number, seed_2: tf.Tensor1D): tf.Tensor =>
  randomBool(shape, levelOf(rate), seed_2);

/** Factors of inverted dropout: 1/(1−rate) where a value is kept, 0 where not. */
export function keptFactors(kept: tf.Tensor, rate: number): tf.Tensor {
  const scale = LEVELS / (LEVELS - levelOf(rate));
  return nativeOp('SelectV2', [typeAttribute('T')], [kept, tf.scalar(scale), tf.scalar(0)]);
}
