import type { tf } from '@assay/tensorflow';
import { assertType } from './assert-type.js';
import { nativeOps, typeAttribute } from './native-op.js';
import { shapeMismatch } from './shape-mismatch.js';
import { weightedRows } from './weighted-rows.js';

/**
 * Weighted mean of the softmax cross-entropy against a distribution per row: Σ w·(−Σ y·log softmax(z)) / Σ w. For smoothed
 * labels, mixed images, or the probabilities of a teacher.
 *
 * @param logit_BK float32 z
 * @param label_BK float32 y ≥ 0 with the sum 1 per row; not checked here
 * @param weight_B float32 w ≥ 0; 0 leaves a row out. Default: 1 each
 * @returns loss, scalar; 0 when all weights are 0. Gradients flow to the logits only. Caller disposes.
 * @throws SHAPE_MISMATCH when B or K differ
 * @throws DTYPE_MISMATCH when something is not float32
 * @see https://www.tensorflow.org/api_docs/python/tf/nn/softmax_cross_entropy_with_logits
 */
export function softLabelCrossEntropy(
  logit_BK: tf.Tensor2D,
  label_BK: tf.Tensor2D,
  weight_B?: tf.Tensor1D,
): tf.Scalar {
  const fits = logit_BK.rank === 2 && String(label_BK.shape) === String(logit_BK.shape);
  if (!fits || (weight_B !== undefined && String(weight_B.shape) !== String(logit_BK.shape.slice(0, 1)))) {
    const got = { logit_BK, label_BK, weight_B };
    throw shapeMismatch(
      'softLabelCrossEntropy',
      'one label per logit and one weight per row',
      got,
      'make B and K equal',
    );
  }
  assertType('softLabelCrossEntropy', 'float32', { logit_BK, label_BK, weight_B });
  return weightedRows('softLabelCrossEntropy', logit_BK, weight_B, (logits) => {
    const outputs = nativeOps('SoftmaxCrossEntropyWithLogits', [typeAttribute('T')], [logits, label_BK], 2);
    const [loss_B, slope_BK] = outputs as [tf.Tensor, tf.Tensor]; // the two outputs of the op
    return { loss_B, slope_BK };
  });
}
