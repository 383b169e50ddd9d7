import type { EvaluateConfig } from '@assay/config';
import { calibratedProbability, type OperatingPoints, type PolicyOperatingPoint } from '@assay/policy';
import { chooseActThreshold, chooseReviewThreshold } from './choose-threshold.js';
import { fitTemperatures } from './fit-temperature.js';
import { column, type ScoredSplit } from './score-split.js';

export interface PointOptions {
  kind: OperatingPoints['kind'];
  names: readonly string[];
  /** Version of the text of each policy; default `1`. */
  policyVersions: Readonly<Record<string, string>>;
  target: EvaluateConfig['operatingPoint'];
  /** One key per calibration record; records of one key are of one group. */
  calibrationClusters: readonly string[];
}

/**
 * Fits temperatures on the validation split, and chooses the thresholds of every policy on the calibration split, which
 * chose nothing else: neither the epoch nor the temperature. The test split is not looked at.
 */
export function chooseOperatingPoints(
  { validation, calibration }: { validation: ScoredSplit; calibration: ScoredSplit },
  { kind, names, policyVersions, target, calibrationClusters }: PointOptions,
): OperatingPoints {
  const { minPrecision, confidence, reviewRecall } = target;
  const temperatures = fitTemperatures({ ...validation, kind });
  const probability_NK = probabilities(calibration, kind, temperatures);
  const policies = names.map((policy, k): PolicyOperatingPoint => {
    const columnOf = (matrix_NK: ArrayLike<number>): Float64Array => column(matrix_NK, k, names.length);
    const scores = columnOf(probability_NK);
    const labels = columnOf(calibration.label_NK);
    const known = columnOf(calibration.known_NK);
    const temperature = temperatures[k] ?? 1;
    const options = { minPrecision, confidence, temperature };
    const { act, reason } = chooseActThreshold(scores, labels, known, options);
    return {
      policy,
      policyVersion: policyVersions[policy] ?? '1',
      temperature,
      act: act === null ? null : { ...act, minPrecision, confidence },
      noActReason: reason,
      review: chooseReviewThreshold(scores, labels, known, { minRecall: reviewRecall, temperature }),
    };
  });
  return {
    schemaVersion: 1,
    kind,
    policies,
    calibration: { records: calibration.ids.length, groups: new Set(calibrationClusters).size },
  };
}

/** Calibrated probabilities of a split, row-major [N, K]. */
export function probabilities(
  { logit_NK, numClasses }: ScoredSplit,
  kind: OperatingPoints['kind'],
  temperatures: readonly number[],
): Float64Array {
  const out = new Float64Array(logit_NK.length);
  for (let row = 0; row < logit_NK.length; row += numClasses) {
    out.set(calibratedProbability(logit_NK.subarray(row, row + numClasses), kind, temperatures), row);
  }
  return out;
}
