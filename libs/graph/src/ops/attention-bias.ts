import { tf } from '@assay/tensorflow';
import { nativeOp, typeAttribute } from './native-op.js';

/**
 * What is added to the score of a key that must not be seen. Later keys lie far below hidden ones: where all keys up to
 * the query are hidden, the probabilities fall on those, whose values are zeroed, and never on a later one.
 */
const HIDDEN = 1e9;
const LATER = 2e9;

/**
 * Number to add to each score: 0 for a key that the query sees, very negative for others.
 *
 * @param mask_BS float32; 1 keeps a key, 0 hides it
 * @param causalLength number of tokens when query t may see the keys 0 … t only
 * @returns bias float32, [B, 1, 1, S], [T, S] or [B, 1, T, S]; undefined when every key is seen
 */
export function attentionBias(
  mask_BS: tf.Tensor2D | undefined,
  causalLength: number | undefined,
): tf.Tensor | undefined {
  const hidden = mask_BS?.sub(1).mul(HIDDEN).expandDims(1).expandDims(1);
  const later = causalLength === undefined ? undefined : laterKeys(causalLength).mul(-LATER);
  return hidden !== undefined && later !== undefined ? hidden.add(later) : (hidden ?? later);
}

/** 1 where key s comes after query t. Made by ops, because in a graph the length may not be known. */
function laterKeys(length: number): tf.Tensor {
  const limits = [tf.scalar(0), tf.scalar(length), tf.scalar(1)];
  const position_T = nativeOp('Range', [typeAttribute('Tidx')], limits);
  return position_T.expandDims(0).greater(position_T.expandDims(1)).toFloat();
}
