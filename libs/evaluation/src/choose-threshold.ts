import { binomialUpperTail } from './binomial.js';
import { hardLabels } from './metrics/positive.js';
import { cumulate, type ScoredGroup } from './metrics/ranking.js';

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

/** More starts find thresholds deeper down, but each must prove more. The README has the simulation behind this number. */
const MAX_STARTS = 4;

/**
 * The threshold of greatest recall whose precision is at least `minPrecision` with the given confidence, or none.
 *
 * Learn-then-Test with fixed-sequence testing from several starts: each walk goes from its start to ever lower thresholds,
 * tests each by the exact binomial tail of "precision is at most minPrecision", and ends at the first that fails. Each of
 * the m walks may err with chance (1 − confidence)/m, so the chance of a wrong threshold is at most 1 − confidence. The
 * starts n₀, 2n₀, 4n₀, … depend on the number of records and not on their labels; n₀ is the fewest records that can pass.
 * Records of equal score are tested together. The bound takes the records as independent of each other, as exchangeable
 * with future ones, and as not used to train, choose or calibrate the model.
 *
 * @param scores calibrated probabilities of the calibration split
 * @param labels 1 violation, 0 none; a soft label counts as a violation from 0.5 on
 * @param known 1 counts, 0 is an unknown label and does not
 * @see Angelopoulos et al. 2021, "Learn then Test", algorithm 1
 */
export function chooseActThreshold(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  known: ArrayLike<number>,
  options: ThresholdOptions,
): ThresholdChoice {
  const counted = Float64Array.from(known, (flag) => (flag > 0 ? 1 : 0));
  const groups = cumulate(scores, hardLabels(labels), counted);
  const records = groups.at(-1)?.total ?? 0;
  const starts = startsFor(records, options);
  const level = (1 - options.confidence) / starts.length;
  const passes = ({ positives, total }: ScoredGroup): boolean =>
    binomialUpperTail(positives, total, options.minPrecision) <= level;
  const tested = starts.flatMap((size) => {
    const first = groups.findIndex(({ total }) => total >= size);
    return first < 0 ? [] : [first];
  });
  const deepest = Math.max(-1, ...tested.map((first) => endOfWalk(groups, first, passes)));
  const found = groups[deepest];
  if (found !== undefined) return { act: actAt(found, groups), reason: null };
  const failed = tested.flatMap((first) => groups[first] ?? []);
  return { act: null, reason: whyNone(records, failed, options) };
}

/** Numbers of records at which the walks start: as many of n₀, 2n₀, 4n₀, … as the records allow, and n₀ at least. */
function startsFor(records: number, { minPrecision, confidence }: ThresholdOptions): number[] {
  const fewest = (walks: number): number =>
    Math.ceil(Math.log((1 - confidence) / walks) / Math.log(minPrecision));
  let walks = MAX_STARTS;
  while (walks > 1 && fewest(walks) * 2 ** (walks - 1) > records) walks--;
  return Array.from({ length: walks }, (_, i) => fewest(walks) * 2 ** i);
}

/** Position of the last group that passes, in a row from `first`; −1 when the first fails. */
function endOfWalk(
  groups: readonly ScoredGroup[],
  first: number,
  passes: (group: ScoredGroup) => boolean,
): number {
  const fail = groups.findIndex((group, i) => i >= first && !passes(group));
  const last = (fail < 0 ? groups.length : fail) - 1;
  return last < first ? -1 : last;
}

function actAt({ score, positives, total }: ScoredGroup, groups: readonly ScoredGroup[]): ActThreshold {
  return {
    threshold: score,
    precision: positives / total,
    recall: positives / (groups.at(-1)?.positives ?? positives),
    predicted: total,
    correct: positives,
  };
}

function whyNone(records: number, failed: readonly ScoredGroup[], options: ThresholdOptions): string {
  const asked = `precision ${options.minPrecision} with confidence ${options.confidence}`;
  if (failed.length === 0)
    return `A proof of ${asked} needs at least ${startsFor(records, options)[0]} records with known labels; the calibration split has ${records}.`;
  const tests = failed.map(({ positives, total }) => `${positives} of ${total}`).join(', ');
  return `Of the highest-scored calibration records ${tests} are violations, which does not prove ${asked}.`;
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
  const groups = cumulate(scores, hardLabels(labels), known);
  const violations = groups.at(-1)?.positives ?? 0;
  if (violations === 0) return null;
  const found = groups.find(({ positives }) => positives / violations >= minRecall - 1e-12);
  return found === undefined ? null : { threshold: found.score, recall: found.positives / violations };
}
