import { tf } from '@assay/tensorflow';

/**
 * Softmax cross-entropy with soft labels, weighted: Σ w·y·(−log p) / Σ w·y.
 *
 * @param logit_BK unnormalised scores
 * @param label_BK probability of each class; a row sums to 1
 * @param weight_BK ≥ 0; a row of zeros is not counted
 * @returns scalar; 0 when nothing counts. Caller disposes.
 */
export function multiClassLoss(
  logit_BK: tf.Tensor2D,
  label_BK: tf.Tensor2D,
  weight_BK: tf.Tensor2D,
): tf.Scalar {
  return tf.tidy(() => {
    const share_BK = label_BK.mul(weight_BK);
    const surprise = share_BK.mul(tf.logSoftmax(logit_BK)).sum().neg();
    return surprise.div<tf.Scalar>(share_BK.sum().maximum(1e-12));
  });
}
