import { AssayError } from '@assay/core';
import type { Initializer, ParameterSpec } from '@assay/graph';
import type { tf } from '@assay/tensorflow';

/** Parameters by name; `/` separates the part of the model from its parameter, e.g. `text/table_VD`. */
export type ParameterSpecs = Record<string, ParameterSpec>;
export type ParameterTensors = Record<string, tf.Tensor>;

/** Number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** Weights [inputDim, outputDim], which decay, and bias of one dense layer. */
export function denseParameters(
  prefix: string,
  inputDim: number,
  outputDim: number,
  init: Initializer = 'heNormal',
): ParameterSpecs {
  return {
    [`${prefix}/weight_FF`]: { shape: [inputDim, outputDim], init },
    [`${prefix}/bias_F`]: { shape: [outputDim], init: 'zeros' },
  };
}

/**
 * One parameter of a model part.
 *
 * @throws SHAPE_MISMATCH when the caller passed parameters without it
 */
export function parameterOf<T extends tf.Tensor>(parameters: ParameterTensors, name: string): T {
  const tensor = parameters[name];
  if (tensor === undefined) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `The model needs a parameter '${name}'; got ${Object.keys(parameters).join(', ') || 'none'}. Fix: pass the parameters that belong to this model.`,
    );
  }
  return tensor as T; // the shape follows from the spec of that name
}
