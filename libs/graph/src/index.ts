import { registerReductionGradients } from './ops/reduction-gradients.js';

registerReductionGradients();

export { traceFunction, type InputSignature, type TracedProgram } from './trace-function.js';
export { SAVED_MODEL_FILE, writeSavedModel } from './write-saved-model.js';
export { loadSavedModel, SavedModelRunner, type RunResult } from './saved-model-runner.js';
export type { Feed } from './check-feeds.js';
export type { SavedModelSignature, TensorSignature } from './saved-model-signature.js';
export { embeddingLookup } from './ops/embedding-lookup.js';
export { dense } from './ops/dense.js';
export { maskedMean } from './ops/masked-mean.js';
export { sigmoidCrossEntropy } from './ops/sigmoid-cross-entropy.js';
export { softmaxCrossEntropy } from './ops/softmax-cross-entropy.js';
export { dropout } from './ops/dropout.js';
export { layerNorm } from './ops/layer-norm.js';
export { AdamW, type AdamWOptions } from './optimizers/adamw.js';
export { clipByGlobalNorm } from './optimizers/clip-by-global-norm.js';
