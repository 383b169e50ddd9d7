export { auroc, averagePrecision, precisionRecallCurve } from './metrics/ranking.js';
export { confusionAt, precisionRecallF1, type Confusion } from './metrics/at-threshold.js';
export { brierScore, logLoss } from './metrics/probabilistic.js';
export { multiClassFigures, type MultiClassFigures } from './metrics/multi-class.js';
export {
  clusterBootstrap,
  clusteredProportion,
  exactInterval,
  wilsonInterval,
  type Interval,
} from './metrics/intervals.js';
export {
  chooseActThreshold,
  chooseReviewThreshold,
  LOGIT_RESOLUTION,
  type ActThreshold,
  type ReviewThreshold,
  type ThresholdChoice,
} from './choose-threshold.js';
export { binomialUpperTail } from './binomial.js';
export { fitTemperatures, type TemperatureInput } from './fit-temperature.js';
export { chooseOperatingPoints, type PointOptions } from './operating-points.js';
export { scoreSplit, type ScoredSplit } from './score-split.js';
export { applyGates } from './gates.js';
export { evaluateStage, type EvaluateStageOptions } from './evaluate-stage.js';
export { reportHtml } from './report-html.js';
export { evaluationTable } from './evaluation-table.js';
export {
  readReport,
  type Figure,
  type GateResult,
  type PolicyReport,
  type Report,
  type Verdict,
} from './report.js';
