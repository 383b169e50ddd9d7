import { binomialUpperTail } from './binomial.js';
import { cumulate } from './metrics/ranking.js';

export interface ActThreshold {
  /** A score of at least this acts. */
  threshold: number;
  /** Share of violations among the records at or above it. */
  precision: number;
  /** Share of all violations that lie at or above it. */
  recall: number;
  /** Records at or above it, and the violations among them. */
  predicted: number;
  correct: number;
}

export interface ThresholdChoice {
  act: ActThreshold | null;
  /** Why there is none, for people; null when there is one. */
  reason: string | null;
}

interface ThresholdOptions {
  /** Precision that must hold, in (0, 1). */
  minPrecision: number;
  /** Confidence with which it must hold, in (0, 1). */
  confidence: number;
}

/**
 * The threshold of greatest recall whose precision is at least `minPrecision` with the given confidence, or none.
 *
 * Learn-then-Test with fixed-sequence testing: thresholds are tested from the strictest down, each by an exact binomial
 * tail of "precision is at most minPrecision", and the walk ends at the first that fails, so that the chance of a wrong
 * threshold is at most 1 − confidence however many are tested. The sequence begins where a test can succeed at all: with
 * n₀ = ⌈log(1 − confidence) / log(minPrecision)⌉ records, a number that does not depend on their labels. Records are taken
 * as independent of each other; records of equal score are tested together.
 *
 * @param scores calibrated probabilities of the validation split
 * @param labels 1 violation, 0 none; a soft label counts as a violation from 0.5 on
 * @param known 1 counts, 0 is an unknown label and does not
 * @see Angelopoulos et al. 2021, "Learn then Test", section 3.2
 */
export function chooseActThreshold(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  known: ArrayLike<number>,
  { minPrecision, confidence }: ThresholdOptions,
): ThresholdChoice {
  const hard = Float64Array.from(labels, (label) => (label >= 0.5 ? 1 : 0));
  const counted = Float64Array.from(known, (flag) => (flag > 0 ? 1 : 0));
  const groups = cumulate(scores, hard, counted);
  const violations = groups.at(-1)?.positives ?? 0;
  const needed = Math.ceil(Math.log(1 - confidence) / Math.log(minPrecision));
  let act: ActThreshold | null = null;
  let failed: { positives: number; total: number } | undefined;
  for (const { score, positives, total } of groups) {
    if (total < needed) continue;
    if (binomialUpperTail(positives, total, minPrecision) > 1 - confidence) {
      failed = { positives, total };
      break;
    }
    act = {
      threshold: score,
      precision: positives / total,
      recall: positives / violations,
      predicted: total,
      correct: positives,
    };
  }
  if (act !== null) return { act, reason: null };
  const records = groups.at(-1)?.total ?? 0;
  const reason =
    failed === undefined
      ? `Precision ${minPrecision} with confidence ${confidence} needs at least ${needed} records with known labels; validation has ${records}.`
      : `Of the ${failed.total} highest-scored validation records ${failed.positives} are violations; precision ${minPrecision} with confidence ${confidence} would need ${neededSuccesses(failed.total, minPrecision, confidence)}.`;
  return { act: null, reason };
}

/** Fewest successes among n that prove the precision, or "more records" when not even n of n do. */
function neededSuccesses(n: number, minPrecision: number, confidence: number): string {
  for (let k = Math.ceil(n * minPrecision); k <= n; k++) {
    if (binomialUpperTail(k, n, minPrecision) <= 1 - confidence) return String(k);
  }
  return 'more records';
}

/**
 * The strictest threshold at which at least `minRecall` of the violations score as high or higher.
 *
 * @returns null when there is no violation with a known label
 */
export function chooseReviewThreshold(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  known: ArrayLike<number>,
  minRecall: number,
): { threshold: number; recall: number } | null {
  const groups = cumulate(
    scores,
    Float64Array.from(labels, (label) => (label >= 0.5 ? 1 : 0)),
    known,
  );
  const violations = groups.at(-1)?.positives ?? 0;
  if (violations === 0) return null;
  const found = groups.find(({ positives }) => positives / violations >= minRecall - 1e-12);
  return found === undefined ? null : { threshold: found.score, recall: found.positives / violations };
}
