import { tf } from '@assay/tensorflow';
import type { WeightedLoss } from './loss.js';

/**
 * Softmax cross-entropy with soft labels, weighted: sum Σ w·y·(−log p), weight Σ w·y.
 *
 * @param logit_BK unnormalised scores
 * @param label_BK probability of each class; a row sums to 1
 * @param weight_BK ≥ 0; a row of zeros is not counted
 * @returns two scalars; caller disposes
 */
export function multiClassLoss(
  logit_BK: tf.Tensor2D,
  label_BK: tf.Tensor2D,
  weight_BK: tf.Tensor2D,
): WeightedLoss {
  return tf.tidy(() => {
    const share_BK = label_BK.mul(weight_BK);
    const sum = share_BK.mul(tf.logSoftmax(logit_BK)).sum<tf.Scalar>().neg();
    return { sum, weight: share_BK.sum<tf.Scalar>() };
  });
}
