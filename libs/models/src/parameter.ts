import { AssayError, type Random } from '@assay/core';
import type { tf } from '@assay/tensorflow';

/** How the start values of a parameter are drawn. `normal` is the standard deviation of a normal distribution. */
export type Initializer = 'zeros' | 'ones' | 'glorotUniform' | 'heNormal' | { normal: number };

export interface ParameterSpec {
  shape: readonly number[];
  init: Initializer;
  /** Whether weight decay applies: true for matrices and kernels, false for biases and scales. */
  decay: boolean;
}

/** Parameters by name; `/` separates the part of the model from its parameter, e.g. `text/table_VD`. */
export type ParameterSpecs = Record<string, ParameterSpec>;
export type ParameterTensors = Record<string, tf.Tensor>;

/** Number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** Weights [inputDim, outputDim] and bias of one dense layer. */
export function denseParameters(
  prefix: string,
  inputDim: number,
  outputDim: number,
  init: Initializer = 'heNormal',
): ParameterSpecs {
  return {
    [`${prefix}/weight_FF`]: { shape: [inputDim, outputDim], init, decay: true },
    [`${prefix}/bias_F`]: { shape: [outputDim], init: 'zeros', decay: false },
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

/**
 * Start values of every parameter. Each parameter draws from a stream of its own name, so adding one
 * leaves the values of all others as they were.
 *
 * @returns row-major values by name
 */
export function initialParameters(
  model: { parameters: ParameterSpecs },
  random: Random,
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, spec]) => [name, drawn(spec, random.fork(name))]),
  );
}

function drawn({ shape, init }: ParameterSpec, random: Random): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  if (init === 'zeros') return values;
  if (init === 'ones') return values.fill(1);
  const { fanIn, fanOut } = fansOf(shape);
  if (init === 'glorotUniform') {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    return values.map(() => (2 * random.uniform() - 1) * limit);
  }
  const deviation = init === 'heNormal' ? Math.sqrt(2 / fanIn) : init.normal;
  return values.map(() => random.normal() * deviation);
}

/**
 * Numbers of inputs and outputs of one unit; the axes before the last two are the receptive field of a convolution.
 *
 * @see Glorot and Bengio 2010 (glorotUniform); He et al. 2015 (heNormal)
 */
function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * (shape.at(-2) ?? 1), fanOut: field * (shape.at(-1) ?? 1) };
}
