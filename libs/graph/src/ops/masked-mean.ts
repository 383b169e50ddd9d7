import { tf } from '@assay/tensorflow';
import { assertType } from './assert-type.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';
import { pooledWeights, spreadByWeight, weightedSum } from './weighted-sum.js';

/**
 * Mean of the token vectors that the mask keeps.
 *
 * @param token_BLD float32 token vectors
 * @param mask_BL float32; 1 keeps a token, 0 drops it (padding)
 * @returns pooled_BD float32; a row with no kept token is all zeros. Gradients flow to the tokens only. Caller disposes.
 * @throws SHAPE_MISMATCH when B or L differ
 * @throws DTYPE_MISMATCH when something is not float32
 */
export function maskedMean(token_BLD: tf.Tensor3D, mask_BL: tf.Tensor2D): tf.Tensor2D {
  const [B, L] = token_BLD.shape;
  if (B !== mask_BL.shape[0] || L !== mask_BL.shape[1]) {
    throw shapeMismatch(
      'maskedMean',
      'one mask value per token',
      { token_BLD, mask_BL },
      'make B and L equal',
    );
  }
  assertType('maskedMean', 'float32', { token_BLD, mask_BL });
  return tf.tidy(() => {
    const pool = ownGradient('maskedMean', (...args) => {
      const [token, save] = args as [tf.Tensor3D, tf.GradSaveFunc]; // what customGrad passes for one input
      const weight_BL = pooledWeights(mask_BL, 'mean');
      save([weight_BL]);
      return {
        value: weightedSum(token, weight_BL),
        gradFunc: (gradient_BD: tf.Tensor, saved: tf.Tensor[]) => {
          const [weight] = saved as [tf.Tensor2D]; // as saved above
          return spreadByWeight(gradient_BD, weight);
        },
      };
    });
    return pool(token_BLD); // [B, L, D] summed over L
  });
}
