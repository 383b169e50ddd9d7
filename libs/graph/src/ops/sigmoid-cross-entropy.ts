import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';

/** Weight sums below this count as zero: the loss is then 0, not NaN. */
const MIN_WEIGHT = 1e-12;

/**
 * Weighted mean of the sigmoid cross-entropy: Σ w·l / Σ w with l = max(z, 0) − z·y + log(1 + exp(−|z|)).
 *
 * @param logit_BK float32 z
 * @param label_BK float32 y in [0, 1]
 * @param weight_BK float32 w ≥ 0; 0 leaves an unknown label out
 * @returns loss, scalar; 0 when all weights are 0. Gradients flow to the logits only. Caller disposes.
 * @throws SHAPE_MISMATCH when the shapes differ
 * @see https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits
 */
export function sigmoidCrossEntropy(
  logit_BK: tf.Tensor2D,
  label_BK: tf.Tensor2D,
  weight_BK: tf.Tensor2D,
): tf.Scalar {
  const shapes = [logit_BK, label_BK, weight_BK].map(({ shape }) => `[${shape.join(', ')}]`);
  if (new Set(shapes).size > 1) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `sigmoidCrossEntropy needs logits, labels and weights of one shape; got ${shapes.join(', ')}. Fix: give one label and one weight per logit.`,
    );
  }
  return tf.tidy(() => {
    const loss = tf.customGrad((...args) => {
      const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
      const share_BK = weight_BK.div(weight_BK.sum().maximum(MIN_WEIGHT));
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
