import type { ModelConfig } from '@assay/config';
import { dense } from '@assay/graph';
import { MODALITIES, type InputName, type InputSpecs, type Modality } from '@assay/preprocess';
import { tf } from '@assay/tensorflow';
import type { ForwardContext } from './context.js';
import {
  inputOf,
  inputSpecOf,
  type Encoder,
  type EncoderFacts,
  type InputTensors,
} from './encoders/encoder.js';
import type { LabelKind } from './losses/element-weights.js';
import {
  denseParameters,
  parameterOf,
  sizeOf,
  type ParameterSpecs,
  type ParameterTensors,
} from './parameter.js';
import type { Fusion } from './fusion/fusion.js';
import { encodersOf, FUSIONS } from './registry.js';

/** Everything that fixes a model's shape: saved as `model.json`, and enough to make the same model again. */
export interface Architecture extends EncoderFacts {
  model: ModelConfig;
  labels: { kind: LabelKind; names: readonly string[] };
}

export interface ModelOutputs {
  logit_BK: tf.Tensor2D;
  /** Features before the head: for finding similar records. */
  embedding_BF: tf.Tensor2D;
}

/**
 * The logits of the model, and those of each modality from a head of its own. Training on both keeps a modality that
 * learns fast (text by heart) from leaving nothing to learn for a slower one.
 *
 * @see Wang et al. 2020, "What makes training multi-modal classification networks hard?"
 */
export interface TrainingLogits {
  logit_BK: tf.Tensor2D;
  /** Empty for a model of one modality. `present_B1` is 1 where the record has it. */
  modalities: { logit_BK: tf.Tensor2D; present_B1: tf.Tensor2D }[];
}

/** A model is a plain function of its parameters; whoever trains or serves it holds the tensors. */
export interface Model {
  /** Modalities and fusion, e.g. `text+image+tabular/concat`. */
  name: string;
  architecture: Architecture;
  /** Of those that the preprocessor knows, the ones that this model has an encoder for. */
  modalities: readonly Modality[];
  parameters: ParameterSpecs;
  numParameters: number;
  /** The inputs that the model reads, of those that the preprocessor makes. */
  inputs: InputSpecs;
  /** @returns outputs that belong to the caller */
  forward(parameters: ParameterTensors, inputs: InputTensors, context: ForwardContext): ModelOutputs;
  /** @returns what the loss is computed from while training; belongs to the caller */
  trainingLogits(parameters: ParameterTensors, inputs: InputTensors, context: ForwardContext): TrainingLogits;
}

/**
 * Makes a model: encoders of each modality → fusion → hidden layer → one logit per class.
 *
 * @throws CONFIG_INVALID when the preprocessor does not make an input that the config needs
 */
export function createModel(architecture: Architecture): Model {
  const { model: config, labels } = architecture;
  const encoders = encodersOf(config, architecture);
  const fusion = FUSIONS[config.fusion](encoders.map(({ featureDim }) => featureDim));
  const parameters: ParameterSpecs = Object.assign(
    {},
    ...encoders.map((encoder) => encoder.parameters),
  ) as ParameterSpecs;
  Object.assign(parameters, denseParameters('hidden', fusion.outputDim, config.hiddenDim));
  Object.assign(parameters, denseParameters('head', config.hiddenDim, labels.names.length, 'glorotUniform'));
  if (encoders.length > 1) {
    for (const { modality, featureDim } of encoders) {
      Object.assign(
        parameters,
        denseParameters(`${modality}/head`, featureDim, labels.names.length, 'glorotUniform'),
      );
    }
  }
  const network = { encoders, fusion, dropout: config.dropout };
  const modalities = encoders.map(({ modality }) => modality);
  return {
    name: `${modalities.join('+')}/${config.fusion}`,
    architecture,
    modalities,
    parameters,
    numParameters: Object.values(parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    inputs: inputsOf(encoders, architecture),
    forward: (values, inputs, context) =>
      tf.tidy(() => {
        const { logit_BK, hidden_BF } = outputsOf(network, values, inputs, context);
        return { logit_BK, embedding_BF: hidden_BF };
      }),
    trainingLogits: (values, inputs, context) =>
      tf.tidy(() => {
        const { logit_BK, features, present_BM } = outputsOf(network, values, inputs, context);
        if (encoders.length === 1) return { logit_BK, modalities: [] };
        const own = features.map((feature_BF, m) => ({
          logit_BK: denseOf(values, `${modalities[m] ?? ''}/head`, feature_BF),
          present_B1: present_BM.slice<tf.Tensor2D>([0, m], [-1, 1]),
        }));
        return { logit_BK, modalities: own };
      }),
  };
}

interface Network {
  encoders: readonly Encoder[];
  fusion: Fusion;
  dropout: number;
}

function outputsOf(
  { encoders, fusion, dropout }: Network,
  values: ParameterTensors,
  inputs: InputTensors,
  context: ForwardContext,
): { features: tf.Tensor2D[]; present_BM: tf.Tensor2D; hidden_BF: tf.Tensor2D; logit_BK: tf.Tensor2D } {
  const present_BM = presenceOf(encoders, inputs);
  const features = encoders.map((encoder, m) =>
    encoder
      .forward(values, inputs, { dropout: (x) => context.dropout(x, dropout) })
      .mul<tf.Tensor2D>(present_BM.slice([0, m], [-1, 1])),
  );
  const hidden_BF = denseOf(values, 'hidden', fusion.forward(features, present_BM)).relu<tf.Tensor2D>();
  const logit_BK = denseOf(values, 'head', context.dropout(hidden_BF, dropout));
  return { features, present_BM, hidden_BF, logit_BK };
}

const denseOf = (values: ParameterTensors, name: string, input_BF: tf.Tensor2D): tf.Tensor2D =>
  dense(input_BF, parameterOf(values, `${name}/weight_FF`), parameterOf(values, `${name}/bias_F`));

/** The columns of `present_BM` that belong to the model's encoders. */
function presenceOf(encoders: readonly Encoder[], inputs: InputTensors): tf.Tensor2D {
  const present_BM = inputOf<tf.Tensor2D>(inputs, 'present_BM');
  return tf.concat(
    encoders.map(({ modality }) => present_BM.slice<tf.Tensor2D>([0, MODALITIES.indexOf(modality)], [-1, 1])),
    1,
  );
}

function inputsOf(encoders: readonly Encoder[], facts: EncoderFacts): InputSpecs {
  const names: InputName[] = [...encoders.flatMap((encoder) => encoder.inputs), 'present_BM'];
  return Object.fromEntries(names.map((name) => [name, inputSpecOf(facts, name)]));
}
