import type { tf } from '@assay/tensorflow';

/**
 * Weighted mean loss of a batch.
 *
 * @param logit_BK unnormalised scores
 * @param label_BK probabilities in [0, 1]
 * @param weight_BK ≥ 0; 0 where the label is unknown (`elementWeights`)
 * @returns scalar; caller disposes
 */
export type Loss = (logit_BK: tf.Tensor2D, label_BK: tf.Tensor2D, weight_BK: tf.Tensor2D) => tf.Scalar;
