import { tf } from '@assay/tensorflow';
import type { WeightedLoss } from './loss.js';

/** A sum of weights below this counts as zero: the mean is then 0, not NaN. */
const MIN_WEIGHT = 1e-12;

/**
 * Softmax cross-entropy with soft labels, weighted: mean Σ w·y·(−log p) / Σ w·y, weight Σ w·y.
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
    const weight = share_BK.sum<tf.Scalar>();
    const sum = share_BK.mul(tf.logSoftmax(logit_BK)).sum().neg();
    return { mean: sum.div<tf.Scalar>(weight.maximum(MIN_WEIGHT)), weight };
  });
}
