import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { assertType } from './assert-type.js';
import { addToLastAxis } from './last-axis.js';

/** Largest value of a byte. */
const WHITE = 255;

/**
 * Bytes as numbers around 0: (byte/255 − mean) / deviation, in one multiplication and one addition.
 *
 * @param image int32 in [0, 255], channels last: [B, H, W, C] or [B, I, H, W, C]
 * @param mean per channel, or one for all, in [0, 1] where 1 is white
 * @param deviation standard deviation per channel, or one for all, > 0, in the same unit
 * @returns float32 of the same shape. Caller disposes.
 * @throws SHAPE_MISMATCH when the number of means or deviations is not C, or a deviation is not above 0
 * @throws DTYPE_MISMATCH when the image is not int32
 */
export function normalizeImages<T extends tf.Tensor>(
  image: T,
  mean: number | readonly number[],
  deviation: number | readonly number[],
): T {
  assertType('normalizeImages', 'int32', { image });
  const C = image.shape.at(-1) ?? 0;
  const means = perChannel('mean', mean, C);
  const deviations = perChannel('deviation', deviation, C);
  if (!deviations.every((value) => value > 0)) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `normalizeImages needs deviations above 0; got ${deviations.join(', ')}. Fix: pass the standard deviation of each channel.`,
    );
  }
  return tf.tidy(() => {
    const scale_C = tf.tensor1d(deviations.map((value) => 1 / (WHITE * value)));
    const offset_C = tf.tensor1d(deviations.map((value, channel) => -(means[channel] ?? 0) / value));
    return addToLastAxis(image.toFloat().mul(scale_C), offset_C) as T; // elementwise
  });
}

function perChannel(name: string, values: number | readonly number[], C: number): readonly number[] {
  const list = typeof values === 'number' ? Array.from({ length: C }, () => values) : values;
  if (list.length === C) return list;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `normalizeImages needs one ${name} for each of C=${C} channels; got ${list.length}. Fix: pass one number, or one per channel.`,
  );
}
