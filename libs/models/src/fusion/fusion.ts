import type { tf } from '@assay/tensorflow';

/** Joins the features of the encoders into one vector per record. */
export interface Fusion {
  outputDim: number;
  /**
   * @param feature_BF_M one per encoder, already zero where the record lacks the modality
   * @param present_BM 1 where the record has the modality, one column per encoder
   * @returns [B, outputDim]; caller disposes
   */
  forward(feature_BF_M: readonly tf.Tensor2D[], present_BM: tf.Tensor2D): tf.Tensor2D;
}

export type FusionFactory = (featureDims: readonly number[]) => Fusion;
