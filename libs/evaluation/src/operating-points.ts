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
}

/** Calibrates on the validation split and chooses the thresholds of every policy there; the test split is not looked at. */
export function chooseOperatingPoints(
  validation: ScoredSplit,
  { kind, names, policyVersions, target }: PointOptions,
): OperatingPoints {
  const { minPrecision, confidence, reviewRecall } = target;
  const temperatures = fitTemperatures({ ...validation, kind });
  const probability_NK = probabilities(validation, kind, temperatures);
  const policies = names.map((policy, k): PolicyOperatingPoint => {
    const [scores, labels, known] = [probability_NK, validation.label_NK, validation.known_NK].map((matrix) =>
      column(matrix, k, names.length),
    ) as [Float64Array, Float64Array, Float64Array]; // three in, three out
    const { act, reason } = chooseActThreshold(scores, labels, known, { minPrecision, confidence });
    return {
      policy,
      policyVersion: policyVersions[policy] ?? '1',
      temperature: temperatures[k] ?? 1,
      act: act === null ? null : { ...act, minPrecision, confidence },
      noActReason: reason,
      review: chooseReviewThreshold(scores, labels, known, reviewRecall),
    };
  });
  return { schemaVersion: 1, kind, policies };
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
