export { startService, type ModelSource, type RunningService, type StartOptions } from './start-service.js';
export { createService, type ServiceOptions } from './create-service.js';
export { loadModel, type LoadOptions } from './load-model.js';
export type { DecisionResponse } from './decision-routes.js';
export type { ModelRunner } from './model-runner.js';
export type { ModelSlot, ServedModel } from './served-model.js';
