import { tf } from '@assay/tensorflow';
import { ownGradient } from './own-gradient.js';

/** Weight sums below this count as zero: the loss is then 0, not NaN. */
const MIN_WEIGHT = 1e-12;

/** Weights over their sum; zeros when all are 0. */
export const shares = <T extends tf.Tensor>(weight: T): T => weight.div<T>(weight.sum().maximum(MIN_WEIGHT));

/** Losses of rows with their gradients, before weighting. */
export interface RowLosses {
  loss_B: tf.Tensor;
  slope_BK: tf.Tensor;
}

/**
 * Weighted mean over rows of losses whose gradients come with them.
 *
 * @param op whose loss it is
 * @param weight_B undefined weighs all rows alike
 * @returns loss, scalar, with the gradient at the logits
 */
export function weightedRows(
  op: string,
  logit_BK: tf.Tensor2D,
  weight_B: tf.Tensor1D | undefined,
  lossesOf: (logits: tf.Tensor) => RowLosses,
): tf.Scalar {
  return tf.tidy(() => {
    const mean = ownGradient(op, (...args) => {
      const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
      const { loss_B, slope_BK } = lossesOf(logits);
      const share_B = weight_B === undefined ? tf.scalar(1 / logit_BK.shape[0]) : shares(weight_B);
      save([slope_BK.mul(weight_B === undefined ? share_B : share_B.expandDims(1))]);
      return {
        value: loss_B.mul(share_B).sum(),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [slope] = saved as [tf.Tensor]; // as saved above
          return slope.mul(gradient);
        },
      };
    });
    return mean(logit_BK) as tf.Scalar; // a full sum
  });
}
