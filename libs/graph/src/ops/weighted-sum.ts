import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import type { tf } from '@assay/tensorflow';
import { inFullPrecision } from '../recording.js';
import { batchMatMul } from './matrix-product.js';

/** Sum over the tokens of weight · vector, as one product per example: the weighted vectors are never written. */
export function weightedSum(token_BLD: tf.Tensor, weight_BL: tf.Tensor2D): tf.Tensor2D {
  const [B, L] = weight_BL.shape;
  const dim = token_BLD.shape.at(-1) ?? 1;
  const sum_B1D = inFullPrecision(() => batchMatMul(weight_BL.reshape([B, 1, L]), token_BLD));
  return sum_B1D.reshape([B, dim]);
}

/** Gradient of `weightedSum` at the vectors: each gets the gradient of its sum times its weight. */
export function spreadByWeight(gradient_BD: tf.Tensor, weight_BL: tf.Tensor2D): tf.Tensor3D {
  return weight_BL.expandDims(2).mul(gradient_BD.expandDims(1));
}

/** What the weighted sum is divided by: 1, the sum of the weights (at least 1), or its square root. */
export type PoolMode = 'sum' | 'mean' | 'sqrtn';

const MODES: readonly unknown[] = ['sum', 'mean', 'sqrtn'] satisfies PoolMode[];

/** @throws USAGE when there is no such mode */
export function assertMode(op: string, mode: PoolMode): void {
  if (MODES.includes(mode)) return;
  throw new AssayError(
    'USAGE',
    `${op} has the modes 'sum', 'mean' and 'sqrtn'; got ${inspect(mode)}. Fix: name one of these.`,
  );
}

/** The weights over the divisor of the mode, so that the vectors need no division. */
export function pooledWeights(weight_BL: tf.Tensor2D, mode: PoolMode): tf.Tensor2D {
  if (mode === 'sum') return weight_BL;
  const total_B1 = weight_BL.sum(1, true).maximum(1);
  return weight_BL.div(mode === 'mean' ? total_B1 : total_B1.sqrt());
}
