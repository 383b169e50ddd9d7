import type { tf } from '@assay/tensorflow';

/** Loss of a batch and what it counts for, so that the batches of a split add up to its mean whatever their size. */
export interface WeightedLoss {
  /** Weighted mean of the elements' losses, which training minimises, scalar; 0 when nothing counts. */
  mean: tf.Scalar;
  /** Sum of the weights, scalar. */
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
