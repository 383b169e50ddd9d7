import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { boolAttribute, floatAttribute, nativeOps, stringAttribute, typeAttribute } from './native-op.js';
import type { NativeAttribute } from '../native-backend.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';

export interface BatchNormParameters {
  /** float32 */
  scale_C: tf.Tensor1D;
  /** float32 */
  offset_C: tf.Tensor1D;
  /** Added to the variance; > 0, default 1e-3. */
  epsilon?: number;
}

export interface NormalizedBatch<T> {
  normalized: T;
  mean_C: tf.Tensor1D;
  /** Divided by the number of values, not by one less. */
  variance_C: tf.Tensor1D;
}

/**
 * Batch normalisation in training: every channel gets mean 0 and variance 1 over the batch, then scale and offset.
 *
 * @param input float32, images [B, H, W, C] or rows [B, C]
 * @returns a tensor like the input, with the statistics of this batch. The variance is the biased one, with which Keras 3
 *   updates its moving variance. Gradients flow from `normalized` to the input, the scale and the offset; none from the
 *   statistics. Caller disposes.
 * @throws SHAPE_MISMATCH when C differs, the rank is neither 2 nor 4, or epsilon is not above 0
 * @see Ioffe & Szegedy 2015, "Batch normalization"; keras/src/layers/normalization/batch_normalization.py
 */
export function batchNorm<T extends tf.Tensor2D | tf.Tensor4D>(
  input: T,
  parameters: BatchNormParameters,
): NormalizedBatch<T> {
  assertBatchNorm('batchNorm', input, parameters);
  return tf.tidy(() => {
    const none = tf.tensor1d([], 'float32');
    const { normalized, mean, variance } = normalize(input, parameters, { mean: none, variance: none }, true);
    const count = input.size / parameters.scale_C.size;
    return { normalized, mean_C: mean, variance_C: biasedVariance(variance, count) };
  });
}

/**
 * Batch normalisation with given statistics, as in serving or in a frozen layer. TensorFlow fuses it with the convolution
 * before it.
 *
 * @param input float32, images [B, H, W, C] or rows [B, C]
 * @param parameters with the moving averages mean_C and variance_C, float32
 * @returns a tensor like the input; gradients flow to the input, the scale and the offset. Caller disposes.
 * @throws SHAPE_MISMATCH when C differs, the rank is neither 2 nor 4, or epsilon is not above 0
 */
export function batchNormInference<T extends tf.Tensor2D | tf.Tensor4D>(
  input: T,
  parameters: BatchNormParameters & { mean_C: tf.Tensor1D; variance_C: tf.Tensor1D },
): T {
  assertBatchNorm('batchNormInference', input, parameters);
  const { mean_C, variance_C } = parameters;
  return tf.tidy(
    () => normalize(input, parameters, { mean: mean_C, variance: variance_C }, false).normalized,
  );
}

interface Statistics {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
}

/** TensorFlow gives the sum of squares over count − 1; for a single value that is 0 on a CPU and NaN on a GPU. */
function biasedVariance(variance_C: tf.Tensor1D, count: number): tf.Tensor1D {
  const share = tf.scalar(1 / count);
  const biased_C = variance_C.sub<tf.Tensor1D>(variance_C.mul(share));
  return tf.where(share.less(1), biased_C, tf.zerosLike(variance_C));
}

/**
 * The op runs outside of its gradient, so that its other outputs live on.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormV3
 */
function normalize<T extends tf.Tensor>(
  input: T,
  { scale_C, offset_C, epsilon = 1e-3 }: BatchNormParameters,
  { mean, variance }: Statistics,
  isTraining: boolean,
): Statistics & { normalized: T } {
  const attributes = attributesOf(epsilon, isTraining);
  const inputs = [asImages(input), scale_C, offset_C, mean, variance];
  const [result, batchMean, batchVariance, ...reserved] = nativeOps(
    'FusedBatchNormV3',
    attributes,
    inputs,
    6,
  );
  // The gradient in training takes what the op reserves for it, else the given statistics.
  const kept = isTraining ? reserved : [mean, variance, ...reserved.slice(2)];
  const attach = ownGradient('batchNorm', (...args) => {
    const [x, scale, , save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for three inputs
    save([x, scale, ...kept]);
    return {
      value: (result ?? x).reshape(x.shape),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedInput, ...others] = saved as [tf.Tensor, ...tf.Tensor[]]; // as saved above
        const operands = [asImages(gradient), asImages(savedInput), ...others];
        const [slope, ...slopes] = nativeOps('FusedBatchNormGradV3', attributes, operands, 5);
        return [(slope ?? gradient).reshape(gradient.shape), ...slopes.slice(0, 2)];
      },
    };
  });
  const normalized = attach(input, scale_C, offset_C) as T; // shaped like the input
  return { normalized, mean: batchMean as tf.Tensor1D, variance: batchVariance as tf.Tensor1D }; // [C] both
}

const attributesOf = (epsilon: number, isTraining: boolean): NativeAttribute[] => [
  typeAttribute('T'),
  typeAttribute('U'),
  floatAttribute('epsilon', epsilon),
  stringAttribute('data_format', 'NHWC'),
  boolAttribute('is_training', isTraining),
];

/** Rows as images of one pixel. */
function asImages(input: tf.Tensor): tf.Tensor {
  const [B = 0, C = 0] = input.shape;
  return input.rank === 2 ? input.reshape([B, 1, 1, C]) : input;
}

function assertBatchNorm(
  op: string,
  input: tf.Tensor,
  { epsilon = 1e-3, ...tensors }: BatchNormParameters & { mean_C?: tf.Tensor1D; variance_C?: tf.Tensor1D },
): void {
  const C = input.shape.at(-1);
  const fits = Object.values(tensors).every((tensor) => tensor.rank === 1 && tensor.size === C);
  if ((input.rank !== 2 && input.rank !== 4) || !fits) {
    const needs = 'images [B, H, W, C] or rows [B, C], and one number per channel';
    throw shapeMismatch(op, needs, { input, ...tensors }, 'make C equal');
  }
  if (!(epsilon > 0))
    throw new AssayError('SHAPE_MISMATCH', `${op} needs an epsilon above 0; got ${epsilon}. Fix: pass 1e-3.`);
}
