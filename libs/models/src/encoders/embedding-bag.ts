import type { ModelConfig } from '@assay/config';
import { embeddingBag as sumOfVectors } from '@assay/graph';
import { tf } from '@assay/tensorflow';
import { parameterOf } from '../parameter.js';
import { inputOf, inputSpecOf, type Encoder, type EncoderFacts } from './encoder.js';

const TABLE = 'text/table_VD';

/**
 * Bag of hashed n-grams: the sum of their vectors over the square root of their number.
 * The square root keeps the variance of the feature the same for short and long texts, where a mean would let
 * one telling n-gram of a long text vanish.
 *
 * @see Joulin et al. 2017, "Bag of tricks for efficient text classification"
 */
export function embeddingBag({ dim }: NonNullable<ModelConfig['text']>, facts: EncoderFacts): Encoder {
  inputSpecOf(facts, 'token_BL');
  return {
    modality: 'text',
    inputs: ['token_BL', 'mask_BL'],
    parameters: { [TABLE]: { shape: [facts.vocabularySize, dim], init: { normal: 0.05 } } },
    featureDim: dim,
    forward: (parameters, inputs, context) =>
      tf.tidy(() => {
        const mask_BL = context.dropout(inputOf<tf.Tensor2D>(inputs, 'mask_BL'));
        const kept_B1 = inputOf<tf.Tensor2D>(inputs, 'mask_BL').sum(1, true).maximum(1);
        const weight_BL = mask_BL.div<tf.Tensor2D>(kept_B1.sqrt());
        const table_VD = parameterOf<tf.Tensor2D>(parameters, TABLE);
        return sumOfVectors(table_VD, inputOf<tf.Tensor2D>(inputs, 'token_BL'), weight_BL, 'sum');
      }),
  };
}
