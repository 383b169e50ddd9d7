import { registerGradients } from './ops/register-gradients.js';

registerGradients();

export { traceFunction, type InputSignature, type TracedProgram } from './trace-function.js';
export { SAVED_MODEL_FILE, writeSavedModel } from './write-saved-model.js';
export { loadSavedModel, SavedModelRunner, type RunResult } from './saved-model-runner.js';
export type { Feed } from './check-feeds.js';
export type { SavedModelSignature, TensorSignature } from './saved-model-signature.js';
export { attention } from './ops/attention.js';
export type { AttentionInputs } from './ops/attention-heads.js';
export {
  batchNorm,
  batchNormInference,
  type BatchNormParameters,
  type NormalizedBatch,
} from './ops/batch-norm.js';
export { biasAdd } from './ops/bias-add.js';
export { dense } from './ops/dense.js';
export { dropout } from './ops/dropout.js';
export { embeddingBag } from './ops/embedding-bag.js';
export { embeddingLookup } from './ops/embedding-lookup.js';
export { flipImages, flipImagesAtRandom } from './ops/flip-images.js';
export { gaussianNoise } from './ops/gaussian-noise.js';
export { gelu } from './ops/gelu.js';
export { layerNorm } from './ops/layer-norm.js';
export { maskedMean } from './ops/masked-mean.js';
export { normalizeImages } from './ops/normalize-images.js';
export { resizeImages } from './ops/resize-images.js';
export { sigmoidCrossEntropy } from './ops/sigmoid-cross-entropy.js';
export { softLabelCrossEntropy } from './ops/soft-label-cross-entropy.js';
export { softmaxCrossEntropy } from './ops/softmax-cross-entropy.js';
export type { PoolMode } from './ops/weighted-sum.js';
export { compile } from './program/compile.js';
export type { CompileOptions } from './program/compile-options.js';
export type { OptimizerOptions } from './optimizers/optimizer-options.js';
export { initialValues, type Initializer } from './program/initial-values.js';
export type {
  InputSpec,
  ModelDefinition,
  ParameterSpec,
  StateSpec,
  StepContext,
  StepOutputs,
  Tensors,
} from './program/model-definition.js';
export type { Program, VariableValue } from './program/program.js';
export type { EvaluationResult, ProgramOutput, ProgramOutputs, StepResult } from './program/results.js';
export type { StepSchedule } from './program/schedule-nodes.js';
export type { Batch } from './program/batch-feeds.js';
export type { ProgramDescription } from './program/describe-program.js';
