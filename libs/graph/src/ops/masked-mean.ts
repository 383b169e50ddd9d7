import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';

/**
 * Mean of the token vectors that the mask keeps.
 *
 * @param token_BLD float32 token vectors
 * @param mask_BL float32; 1 keeps a token, 0 drops it (padding)
 * @returns pooled_BD float32; a row with no kept token is all zeros. Caller disposes.
 * @throws SHAPE_MISMATCH when B or L differ
 */
export function maskedMean(token_BLD: tf.Tensor3D, mask_BL: tf.Tensor2D): tf.Tensor2D {
  const [B, L] = token_BLD.shape;
  if (B !== mask_BL.shape[0] || L !== mask_BL.shape[1]) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `maskedMean needs one mask value per token: token_BLD is [${token_BLD.shape.join(', ')}], mask_BL is [${mask_BL.shape.join(', ')}]. Fix: make B and L equal.`,
    );
  }
  return tf.tidy(() => {
    const sum_BD = token_BLD.mul(mask_BL.expandDims(2)).sum<tf.Tensor2D>(1);
    const kept_B1 = mask_BL.sum<tf.Tensor2D>(1, true).maximum(1);
    return sum_BD.div<tf.Tensor2D>(kept_B1);
  });
}
