import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { nativeOps, typeAttribute } from './native-op.js';

const MIN_WEIGHT = 1e-12;

/**
 * Weighted mean of the softmax cross-entropy against one class per row: Σ w·(−log softmax(z)[y]) / Σ w.
 *
 * @param logit_BK float32 z
 * @param class_B int32 y in [0, K); not checked here
 * @param weight_B float32 w ≥ 0; 0 leaves a row out
 * @returns loss, scalar; 0 when all weights are 0. Gradients flow to the logits only. Caller disposes.
 * @throws SHAPE_MISMATCH when B differs
 * @see https://www.tensorflow.org/api_docs/python/tf/nn/sparse_softmax_cross_entropy_with_logits
 */
export function softmaxCrossEntropy(
  logit_BK: tf.Tensor2D,
  class_B: tf.Tensor1D,
  weight_B: tf.Tensor1D,
): tf.Scalar {
  const [B] = logit_BK.shape;
  if (class_B.shape[0] !== B || weight_B.shape[0] !== B) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `softmaxCrossEntropy needs one class and one weight per row of logits; got ${B} rows, ${class_B.shape[0]} classes, ${weight_B.shape[0]} weights. Fix: make B equal.`,
    );
  }
  return tf.tidy(() => {
    const loss = tf.customGrad((...args) => {
      const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
      const share_B = weight_B.div(weight_B.sum().maximum(MIN_WEIGHT));
      const attributes = [typeAttribute('T'), typeAttribute('Tlabels', DATA_TYPE.int32)];
      const outputs = nativeOps('SparseSoftmaxCrossEntropyWithLogits', attributes, [logits, class_B], 2);
      const [loss_B, slope_BK] = outputs as [tf.Tensor, tf.Tensor]; // the two outputs of the op
      save([slope_BK.mul(share_B.expandDims(1))]);
      return {
        value: loss_B.mul(share_B).sum(),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [slope] = saved as [tf.Tensor]; // as saved above
          return slope.mul(gradient);
        },
      };
    });
    return loss(logit_BK) as tf.Scalar; // a full sum
  });
}
