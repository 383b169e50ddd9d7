export { MlflowClient, type ResolvedModel } from './mlflow-client.js';
export { MlflowError, type MlflowErrorKind } from './mlflow-error.js';
export { parseModelUri, type ModelUri } from './model-uri.js';
export type { Authentication } from './base-address.js';
export type { TransportOptions } from './transport.js';
export type {
  Experiment,
  FileInfo,
  LoggedModel,
  Metric,
  ModelVersion,
  RegisteredModel,
  Run,
  RunInfo,
} from './entities.js';
export type { CreateRunOptions, DatasetInput, RunBatch, RunStatus } from './runs.js';
export type { CreateLoggedModelOptions, LoggedModelStatus } from './logged-models.js';
export type { CreateVersionOptions } from './registered-models.js';
export type { MetricPoint } from './validate.js';
