import { tf } from '@assay/tensorflow';
import { attentionBias } from './attention-bias.js';
import { keptFactors, keptValues } from './dropout-mask.js';
import { batchMatMul } from './matrix-product.js';

export interface AttentionInputs {
  /** float32; D is numHeads · the width of a head. */
  query_BTD: tf.Tensor3D;
  key_BSD: tf.Tensor3D;
  value_BSD: tf.Tensor3D;
  numHeads: number;
  /** float32; 1 keeps a key, 0 hides it (padding). */
  mask_BS?: tf.Tensor2D;
  /** Whether query t sees the keys 0 … t only; T and S must be equal then. Default false. */
  causal?: boolean;
  /** Dropout of the probabilities; see `dropout`. */
  dropout?: { rate: number; seed_2: tf.Tensor1D };
}

/**
 * What the gradients need, and last the result. A counts the heads, E = D/A is the width of one. `kept` is the
 * probabilities after dropout; without dropout they are the same tensor. The queries are those over √E.
 */
export type AttentionState = [
  query_BATE: tf.Tensor4D,
  key_BASE: tf.Tensor4D,
  value_BASE: tf.Tensor4D,
  probability_BATS: tf.Tensor4D,
  kept_BATS: tf.Tensor4D,
  output_BTD: tf.Tensor3D,
];

/** softmax(q·kᵀ/√E)·v in each head; hidden values count as zeros. */
export function attendedHeads(inputs: AttentionInputs): AttentionState {
  const { query_BTD, key_BSD, value_BSD, numHeads, mask_BS } = inputs;
  const [, T, D] = query_BTD.shape;
  const query_BATE = splitHeads(query_BTD.mul(Math.sqrt(numHeads / D)), numHeads);
  const key_BASE = splitHeads(key_BSD, numHeads);
  const seen_BSD = mask_BS === undefined ? value_BSD : value_BSD.mul<tf.Tensor3D>(mask_BS.expandDims(2));
  const value_BASE = splitHeads(seen_BSD, numHeads);
  const score_BATS = batchMatMul(query_BATE, key_BASE, { transposeB: true });
  const bias = attentionBias(mask_BS, inputs.causal === true ? T : undefined);
  const probability_BATS = tf.softmax<tf.Tensor4D>(
    (bias === undefined ? score_BATS : score_BATS.add(bias)) as tf.Tensor4D,
  ); // q·kᵀ has its rank
  const kept_BATS = hasDropout(inputs) ? thinned(probability_BATS, inputs.dropout) : probability_BATS;
  const output_BTD = joinHeads(batchMatMul(kept_BATS, value_BASE) as tf.Tensor4D); // [B, A, T, S] · [B, A, S, E]
  return [query_BATE, key_BASE, value_BASE, probability_BATS, kept_BATS, output_BTD];
}

/** Whether some probabilities are dropped. */
export const hasDropout = <T extends Pick<AttentionInputs, 'dropout'>>(
  inputs: T,
): inputs is T & Required<T> => inputs.dropout !== undefined && inputs.dropout.rate > 0;

function thinned(
  probability_BATS: tf.Tensor4D,
  { rate, seed_2 }: NonNullable<AttentionInputs['dropout']>,
): tf.Tensor4D {
  return probability_BATS.mul(keptFactors(keptValues(probability_BATS.shape, rate, seed_2), rate));
}

/**
 * Gradients of query, key and value (before the mask). The softmax needs the sum over the keys of probability · slope,
 * which is the sum over a head of gradient · output, dropped or not: E numbers instead of S.
 *
 * @see Dao et al. 2022, "FlashAttention", appendix B.2
 */
export function attentionSlopes(
  gradient_BTD: tf.Tensor3D,
  state: AttentionState,
  isThinned: boolean,
): [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D] {
  const [query_BATE, key_BASE, value_BASE, probability_BATS, kept_BATS, output_BTD] = state;
  const [, numHeads, , E] = query_BATE.shape;
  const gradient_BATE = splitHeads(gradient_BTD, numHeads);
  const aligned_BAT1 = splitHeads(gradient_BTD.mul(output_BTD), numHeads).sum(3, true);
  const slope_BATS = batchMatMul(gradient_BATE, value_BASE, { transposeB: true });
  const score_BATS = isThinned
    ? kept_BATS.mul(slope_BATS).sub(probability_BATS.mul(aligned_BAT1))
    : probability_BATS.mul(slope_BATS.sub(aligned_BAT1));
  const query = batchMatMul(score_BATS, key_BASE) as tf.Tensor4D; // [B, A, T, S] · [B, A, S, E]
  const key = batchMatMul(score_BATS, query_BATE, { transposeA: true }) as tf.Tensor4D; // [B, A, S, T] · [B, A, T, E]
  const value = batchMatMul(kept_BATS, gradient_BATE, { transposeA: true }) as tf.Tensor4D; // likewise
  return [joinHeads(query).mul<tf.Tensor3D>(1 / Math.sqrt(E)), joinHeads(key), joinHeads(value)];
}

/** [B, L, D] → [B, A, L, E] */
function splitHeads(tensor_BLD: tf.Tensor3D, numHeads: number): tf.Tensor4D {
  const [B, L, D] = tensor_BLD.shape;
  return tensor_BLD.reshape<tf.Tensor4D>([B, L, numHeads, D / numHeads]).transpose([0, 2, 1, 3]);
}

/** [B, A, L, E] → [B, L, D] */
function joinHeads(tensor_BALE: tf.Tensor4D): tf.Tensor3D {
  const [B, A, L, E] = tensor_BALE.shape;
  return tensor_BALE.transpose<tf.Tensor4D>([0, 2, 1, 3]).reshape([B, L, A * E]);
}
