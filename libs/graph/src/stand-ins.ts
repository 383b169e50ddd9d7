import { tf } from '@assay/tensorflow';
import type { FeedType } from './data-types.js';
import { nativeBackend } from './native-backend.js';

/** A tensor in place of a real input while a function is recorded. Caller disposes. */
export const standIn = (dtype: FeedType, shape: number[]): tf.Tensor =>
  dtype === 'int32' ? tf.zeros(shape, 'int32') : tf.ones(shape);

export const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

/** Id of the engine; uploads the tensor if that was still to be done. */
export const engineIdOf = (tensor: tf.Tensor): number => nativeBackend().getInputTensorIds([tensor])[0] ?? -1;
