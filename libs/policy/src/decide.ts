import { AssayError } from '@assay/core';
import { calibratedProbability } from './calibrated-probability.js';
import type { OperatingPoints, PolicyOperatingPoint } from './operating-points.js';

/** What happens to a listing under one policy: done without a person, shown to a person, or left alone. */
export type Band = 'act' | 'review' | 'pass';

export interface Decision {
  policy: string;
  policyVersion: string;
  band: Band;
  /** Calibrated probability of a violation, in [0, 1]. */
  score: number;
  /** Threshold of the band that was entered; for `pass` the lowest, which was missed, or null when there is none. */
  threshold: number | null;
  /** One sentence for people. */
  reason: string;
}

/**
 * Decides on one record under every policy. Evaluation and serving both call this, so a threshold means the same in both.
 * A policy without a threshold to act never acts: there is no fallback to a guess.
 *
 * @param logit_K logits in the order of `points.policies`
 * @returns one decision per policy, in that order
 * @throws SHAPE_MISMATCH when the number of logits is not the number of policies
 * @throws NON_FINITE when a logit is NaN or infinite
 */
export function decide({ logit_K }: { logit_K: ArrayLike<number> }, points: OperatingPoints): Decision[] {
  const { policies, kind } = points;
  if (logit_K.length !== policies.length) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `decide: received ${logit_K.length} logits for ${policies.length} policies. Fix: use the operating points of this very model.`,
    );
  }
  const bad = Array.from(logit_K).findIndex((logit) => !Number.isFinite(logit));
  if (bad >= 0)
    throw new AssayError(
      'NON_FINITE',
      `decide: the logit of '${policies[bad]?.policy}' is ${logit_K[bad]}; no decision can rest on it.`,
    );
  const probability_K = calibratedProbability(
    logit_K,
    kind,
    policies.map(({ temperature }) => temperature),
  );
  return policies.map((point, k) => decideOne(probability_K[k] ?? 0, point));
}

function decideOne(score: number, point: PolicyOperatingPoint): Decision {
  const { policy, policyVersion, act, review } = point;
  const facts = { policy, policyVersion, score };
  if (act !== null && score >= act.threshold) {
    const reason = `Score ${showProbability(score)} is at least ${showProbability(act.threshold)}, from which a precision of ${act.minPrecision} is proven with ${percent(act.confidence)} confidence, for records like those of the calibration split and independent of each other.`;
    return { ...facts, band: 'act', threshold: act.threshold, reason };
  }
  if (review !== null && score >= review.threshold) {
    const why =
      act === null
        ? 'no threshold is proven for acting without a person'
        : `below ${showProbability(act.threshold)}, where it would act`;
    return {
      ...facts,
      band: 'review',
      threshold: review.threshold,
      reason: `Score ${showProbability(score)} is at least ${showProbability(review.threshold)}; ${why}.`,
    };
  }
  const thresholds = [act, review].flatMap((band) => (band === null ? [] : [band.threshold]));
  const threshold = thresholds.length === 0 ? null : Math.min(...thresholds);
  const reason =
    threshold === null
      ? `Score ${showProbability(score)}; this policy has no thresholds.`
      : `Score ${showProbability(score)} is below ${showProbability(threshold)}.`;
  return { ...facts, band: 'pass', threshold, reason };
}

/** With three decimals, or as many as it takes not to round to 0 or 1. */
export function showProbability(x: number): string {
  if (x <= 0 || x >= 1) return x.toFixed(3);
  let decimals = 3;
  while (decimals < 20 && [0, 1].includes(Number(x.toFixed(decimals)))) decimals++;
  return x.toFixed(decimals);
}

/** Without digits that only binary fractions have: 0.995 is `99.5 %`. */
const percent = (x: number): string => `${Number((100 * x).toPrecision(12))} %`;
