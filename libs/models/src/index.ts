export { createModel, type Architecture, type Model, type ModelOutputs } from './create-model.js';
export { INFERENCE, type ForwardContext } from './context.js';
export { FUSIONS, IMAGE_ENCODERS, LOSSES, TEXT_ENCODERS } from './registry.js';
export type { Encoder, EncoderFacts, InputTensors } from './encoders/encoder.js';
export {
  balancedClassWeights,
  elementWeights,
  type ClassCount,
  type LabelArrays,
  type LabelKind,
} from './losses/element-weights.js';
export type { Loss, WeightedLoss } from './losses/loss.js';
export type { ParameterSpecs, ParameterTensors } from './parameter.js';
