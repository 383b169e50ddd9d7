export { train, type TrainOptions, type TrainedModel, type TrainingData } from './train.js';
export { trainStage, type TrainStageOptions } from './train-stage.js';
export { describeEpoch, type EpochLog } from './epoch-log.js';
export type { TrainingBatch } from './training-session.js';
export type { NamedArrays } from './named-arrays.js';
