import type { tf } from '@assay/tensorflow';
import { nativeOp, stringAttribute, typeAttribute } from './native-op.js';

const ATTRIBUTES = [typeAttribute('T'), stringAttribute('data_format', 'NHWC')];

/** Adds a vector along the last axis; TensorFlow fuses it with the product before it in a graph. */
export const addToLastAxis = (input: tf.Tensor, vector: tf.Tensor): tf.Tensor =>
  nativeOp('BiasAdd', ATTRIBUTES, [input, vector]);

/** Sum over all axes but the last, up to twice as fast as `Sum` on a CPU. */
export const sumToLastAxis = (tensor: tf.Tensor): tf.Tensor => nativeOp('BiasAddGrad', ATTRIBUTES, [tensor]);
