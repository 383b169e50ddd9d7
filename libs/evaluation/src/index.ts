export { auroc, averagePrecision, precisionRecallCurve } from './metrics/ranking.js';
export { confusionAt, precisionRecallF1, type Confusion } from './metrics/at-threshold.js';
export { brierScore, logLoss } from './metrics/probabilistic.js';
export { multiClassFigures, type MultiClassFigures } from './metrics/multi-class.js';
export { clusterBootstrap, wilsonInterval, type Interval } from './metrics/intervals.js';
