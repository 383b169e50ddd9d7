import { tf } from '@assay/tensorflow';
import { assertType } from './assert-type.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';
import { shares } from './weighted-rows.js';

/**
 * Weighted mean of the sigmoid cross-entropy: Σ w·l / Σ w with l = max(z, 0) − z·y + log(1 + exp(−|z|)).
 *
 * @param logit_BK float32 z
 * @param label_BK float32 y in [0, 1]
 * @param weight_BK float32 w ≥ 0; 0 leaves an unknown label out. Default: 1 each
 * @returns loss, scalar; 0 when all weights are 0. Gradients flow to the logits only. Caller disposes.
 * @throws SHAPE_MISMATCH when the shapes differ
 * @throws DTYPE_MISMATCH when something is not float32
 * @see https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits
 */
export function sigmoidCrossEntropy(
  logit_BK: tf.Tensor2D,
  label_BK: tf.Tensor2D,
  weight_BK?: tf.Tensor2D,
): tf.Scalar {
  const got = { logit_BK, label_BK, weight_BK };
  if ([label_BK, weight_BK ?? label_BK].some(({ shape }) => String(shape) !== String(logit_BK.shape)))
    throw shapeMismatch(
      'sigmoidCrossEntropy',
      'one label and one weight per logit',
      got,
      'make B and K equal',
    );
  assertType('sigmoidCrossEntropy', 'float32', got);
  return tf.tidy(() => {
    const loss = ownGradient('sigmoidCrossEntropy', (...args) => {
      const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
      const share_BK = weight_BK === undefined ? tf.scalar(1 / logit_BK.size) : shares(weight_BK);
      save([logits, label_BK, share_BK]); // what is not saved may be gone when the gradient is computed
      const element_BK = logits.relu().sub(logits.mul(label_BK)).add(logits.abs().neg().exp().log1p());
      return {
        value: element_BK.mul(share_BK).sum(),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [z_BK, y_BK, s_BK] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]; // as saved above
          return z_BK.sigmoid().sub(y_BK).mul(s_BK).mul(gradient);
        },
      };
    });
    return loss(logit_BK) as tf.Scalar; // a full sum
  });
}
