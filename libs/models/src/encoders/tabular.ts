import type { ModelConfig } from '@assay/config';
import { AssayError } from '@assay/core';
import { dense } from '@assay/graph';
import { tf } from '@assay/tensorflow';
import { denseParameters, parameterOf, type ParameterSpecs } from '../parameter.js';
import { inputOf, type Encoder, type EncoderFacts } from './encoder.js';

const tableName = (column: number): string => `tabular/category${column}/table_VD`;

/** Numbers and one learned vector per category, through one dense layer with ReLU. */
export function tabular(
  { dim, categoryDim }: NonNullable<ModelConfig['tabular']>,
  { inputs, categorySizes }: EncoderFacts,
): Encoder {
  const numNumeric = inputs.numeric_BF?.shape[0] ?? 0;
  const numCategories = inputs.category_BC?.shape[0] ?? 0;
  if (numNumeric + numCategories === 0 || numCategories !== categorySizes.length) {
    throw new AssayError(
      'CONFIG_INVALID',
      `The tabular encoder needs numeric or categorical columns and a size for each categorical one; got ${numNumeric} numeric features, ${numCategories} categorical columns and ${categorySizes.length} sizes. Fix: name columns under data.columns, or remove model.tabular.`,
    );
  }
  const parameters: ParameterSpecs = denseParameters(
    'tabular/dense',
    numNumeric + numCategories * categoryDim,
    dim,
  );
  for (const [column, size] of categorySizes.entries()) {
    parameters[tableName(column)] = { shape: [size, categoryDim], init: { normal: 0.1 } };
  }
  return {
    modality: 'tabular',
    inputs: [
      ...(numNumeric > 0 ? (['numeric_BF'] as const) : []),
      ...(numCategories > 0 ? (['category_BC'] as const) : []),
    ],
    parameters,
    featureDim: dim,
    forward: (values, batch) =>
      tf.tidy(() => {
        const parts: tf.Tensor2D[] = numNumeric > 0 ? [inputOf<tf.Tensor2D>(batch, 'numeric_BF')] : [];
        for (let column = 0; column < numCategories; column++) {
          const id_B = inputOf<tf.Tensor2D>(batch, 'category_BC')
            .slice([0, column], [-1, 1])
            .reshape<tf.Tensor1D>([-1]);
          const chosen_BV = tf.oneHot(id_B, categorySizes[column] ?? 0).toFloat() as tf.Tensor2D; // V = values of this column: few
          parts.push(tf.matMul(chosen_BV, parameterOf<tf.Tensor2D>(values, tableName(column))));
        }
        const feature_BF = parts.length === 1 && parts[0] !== undefined ? parts[0] : tf.concat(parts, 1);
        return dense(
          feature_BF,
          parameterOf(values, 'tabular/dense/weight_FF'),
          parameterOf(values, 'tabular/dense/bias_F'),
        ).relu();
      }),
  };
}
