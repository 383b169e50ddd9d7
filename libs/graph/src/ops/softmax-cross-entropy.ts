import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { assertType } from './assert-type.js';
import { nativeOps, typeAttribute } from './native-op.js';
import { shapeMismatch } from './shape-mismatch.js';
import { weightedRows } from './weighted-rows.js';

/**
 * Weighted mean of the softmax cross-entropy against one class per row: Σ w·(−log softmax(z)[y]) / Σ w.
 *
 * @param logit_BK float32 z
 * @param class_B int32 y in [0, K), or below 0: unknown, which leaves the row out. A class of K or more is the caller's to
 *   refuse (an error on a CPU, NaN on a GPU)
 * @param weight_B float32 w ≥ 0; 0 leaves a row out. Default: 1 each
 * @returns loss, scalar; 0 when all weights are 0. Gradients flow to the logits only. Caller disposes.
 * @throws SHAPE_MISMATCH when B or the number of axes differs
 * @throws DTYPE_MISMATCH when the classes are not int32 or the others not float32
 * @see https://www.tensorflow.org/api_docs/python/tf/nn/sparse_softmax_cross_entropy_with_logits
 */
export function softmaxCrossEntropy(
  logit_BK: tf.Tensor2D,
  class_B: tf.Tensor1D,
  weight_B?: tf.Tensor1D,
): tf.Scalar {
  const B = String(logit_BK.shape.slice(0, 1));
  const isPerRow = ({ shape }: tf.Tensor): boolean => String(shape) === B;
  if (logit_BK.rank !== 2 || !isPerRow(class_B) || !isPerRow(weight_B ?? class_B)) {
    const got = { logit_BK, class_B, weight_B };
    throw shapeMismatch(
      'softmaxCrossEntropy',
      'logits [B, K], one class and one weight per row',
      got,
      'make B equal, and squeeze axes of length 1',
    );
  }
  assertType('softmaxCrossEntropy', 'int32', { class_B });
  assertType('softmaxCrossEntropy', 'float32', { logit_BK, weight_B });
  return tf.tidy(() => {
    const known_B = class_B.greaterEqual(tf.scalar(0, 'int32')).toFloat();
    const share_B = weight_B === undefined ? known_B : known_B.mul(weight_B);
    const valid_B = class_B.maximum(tf.scalar(0, 'int32'));
    return weightedRows('softmaxCrossEntropy', logit_BK, share_B as tf.Tensor1D, (logits) => {
      const attributes = [typeAttribute('T'), typeAttribute('Tlabels', DATA_TYPE.int32)];
      const outputs = nativeOps('SparseSoftmaxCrossEntropyWithLogits', attributes, [logits, valid_B], 2);
      const [loss_B, slope_BK] = outputs as [tf.Tensor, tf.Tensor]; // the two outputs of the op
      return { loss_B, slope_BK };
    });
  });
}
