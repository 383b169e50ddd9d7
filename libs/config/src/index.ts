export { loadConfig, parseConfig, type LoadedConfig } from './load-config.js';
export { classNames, pipelineSchema, type PipelineConfig } from './pipeline-config.js';
export type { DataConfig, DuplicatesConfig, LabelsConfig, SplitConfig } from './data-config.js';
export type { ModelConfig, PreprocessConfig, TrainConfig } from './model-config.js';
export type { EvaluateConfig, PublishConfig, ServeConfig } from './decision-config.js';
export { pipelineJsonSchema } from './json-schema.js';
export { serveConfigOf } from './serve-config-of.js';
export { stageSections } from './stage-sections.js';
export { nearest } from './nearest.js';
