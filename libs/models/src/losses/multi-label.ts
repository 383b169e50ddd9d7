import { sigmoidCrossEntropy } from '@assay/graph';
import type { tf } from '@assay/tensorflow';
import type { WeightedLoss } from './loss.js';

/**
 * Sigmoid cross-entropy, weighted: every element counts.
 *
 * @param logit_BK z
 * @param label_BK y in [0, 1]
 * @param weight_BK w ≥ 0; 0 leaves an unknown label out
 * @returns two scalars; caller disposes
 * @see sigmoidCrossEntropy
 */
export const multiLabelLoss = (
  logit_BK: tf.Tensor2D,
  label_BK: tf.Tensor2D,
  weight_BK: tf.Tensor2D,
): WeightedLoss => ({
  mean: sigmoidCrossEntropy(logit_BK, label_BK, weight_BK),
  weight: weight_BK.sum<tf.Scalar>(),
});
