import { tf } from '@assay/tensorflow';

/** Loss of a batch before the division, so that the batches of a split add up to its mean whatever their size. */
export interface WeightedLoss {
  /** Weighted sum of the elements' losses, scalar. */
  sum: tf.Scalar;
  /** What the sum is divided by, scalar; 0 when nothing counts. */
  weight: tf.Scalar;
}

/**
 * Weighted loss of a batch.
 *
 * @param logit_BK unnormalised scores
 * @param label_BK probabilities in [0, 1]
 * @param weight_BK ≥ 0; 0 where the label is unknown (`elementWeights`)
 * @returns two scalars; caller disposes
 */
export type Loss = (logit_BK: tf.Tensor2D, label_BK: tf.Tensor2D, weight_BK: tf.Tensor2D) => WeightedLoss;

/** The mean that training minimises: sum / weight. @returns scalar; 0 when nothing counts. Caller disposes. */
export function meanLoss({ sum, weight }: WeightedLoss): tf.Scalar {
  return tf.tidy(() => sum.div<tf.Scalar>(weight.maximum(1e-12)));
}
