import { tf } from '@assay/tensorflow';
import type { Fusion } from './fusion.js';

/** The features side by side, then one bit per modality that says whether the record has it. */
export function concat(featureDims: readonly number[]): Fusion {
  return {
    outputDim: featureDims.reduce((sum, dim) => sum + dim, featureDims.length),
    forward: (feature_BF_M, present_BM) => tf.concat([...feature_BF_M, present_BM], 1),
  };
}
