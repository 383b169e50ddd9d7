import { AssayError } from '@assay/core';
import type { InputName, InputSpec, InputSpecs, Modality } from '@assay/preprocess';
import type { tf } from '@assay/tensorflow';
import type { ParameterSpecs, ParameterTensors } from '../parameter.js';

export type InputTensors = Partial<Record<InputName, tf.Tensor>>;

/** What an encoder must know of the preprocessor to size its parameters. */
export interface EncoderFacts {
  inputs: InputSpecs;
  /** Rows of the embedding table, 0 (padding) included. */
  vocabularySize: number;
  /** Number of values of each categorical column on the axis C, missing and unknown included. */
  categorySizes: readonly number[];
}

export interface EncoderContext {
  /** Dropout at the rate of the config while training, nothing otherwise. */
  dropout<T extends tf.Tensor>(x: T): T;
}

/**
 * Turns the inputs of one modality into features. A plain function of parameters and inputs: it holds no tensors.
 * The features of a record that lacks the modality are zeroed by the model, so an encoder need not care.
 */
export interface Encoder {
  modality: Modality;
  inputs: readonly InputName[];
  /** Names start with the modality. */
  parameters: ParameterSpecs;
  featureDim: number;
  /** @returns feature_BF float32; caller disposes (or tidies) */
  forward(parameters: ParameterTensors, inputs: InputTensors, context: EncoderContext): tf.Tensor2D;
}

/**
 * Spec of an input that the encoder needs.
 *
 * @throws CONFIG_INVALID when the preprocessor does not make it
 */
export function inputSpecOf({ inputs }: EncoderFacts, name: InputName): InputSpec {
  const spec = inputs[name];
  if (spec === undefined) {
    throw new AssayError(
      'CONFIG_INVALID',
      `The model needs the input '${name}'; the preprocessor makes ${Object.keys(inputs).join(', ') || 'none'}. Fix: add the section of that modality under preprocess, or remove it under model.`,
    );
  }
  return spec;
}

/**
 * One input of a batch.
 *
 * @throws SHAPE_MISMATCH when the batch lacks it
 */
export function inputOf<T extends tf.Tensor>(inputs: InputTensors, name: InputName): T {
  const tensor = inputs[name];
  if (tensor === undefined) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `The model needs the input '${name}'; got ${Object.keys(inputs).join(', ') || 'none'}. Fix: encode the records with the preprocessor that the model was trained with.`,
    );
  }
  return tensor as T; // the rank follows from the suffix of the name
}
