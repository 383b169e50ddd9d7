import { tf } from '@assay/tensorflow';
import type { WeightedLoss } from './loss.js';

/**
 * Sigmoid cross-entropy, weighted: sum Σ w·l and weight Σ w with l = max(z, 0) − z·y + log(1 + exp(−|z|)), which
 * never overflows.
 *
 * @param logit_BK z
 * @param label_BK y in [0, 1]
 * @param weight_BK w ≥ 0; 0 leaves an unknown label out
 * @returns two scalars; caller disposes
 * @see https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits
 */
export function multiLabelLoss(
  logit_BK: tf.Tensor2D,
  label_BK: tf.Tensor2D,
  weight_BK: tf.Tensor2D,
): WeightedLoss {
  return tf.tidy(() => {
    const element_BK = logit_BK.relu().sub(logit_BK.mul(label_BK)).add(logit_BK.abs().neg().exp().log1p());
    return { sum: element_BK.mul(weight_BK).sum<tf.Scalar>(), weight: weight_BK.sum<tf.Scalar>() };
  });
}
