import { binomialUpperTail } from './binomial.js';
import { hardLabels } from './metrics/positive.js';
import { cumulate, type ScoredGroup } from './metrics/ranking.js';

export interface ActThreshold {
  /** A score of at least this acts. It is the score of no record: see `ThresholdOptions.temperature`. */
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
  /** What the logits were divided by; default 1. Scores whose logits lie closer than `LOGIT_RESOLUTION` are one score. */
  temperature?: number;
}

/**
 * Logits of the same record differ by up to 6.6e-7 between batch sizes, and a golden replay on another processor may differ by
 * 1e-5. Closer logits cannot be told apart, so no threshold lies between them.
 */
export const LOGIT_RESOLUTION = 1e-5;

/** Records whose scores cannot be told apart, from `top` down to `score`; the counts are of these and all that score higher. */
interface Tie extends ScoredGroup {
  top: number;
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
 * Records whose scores cannot be told apart are tested together, and the threshold lies halfway to the next lower score, so
 * that the least record that it acts on still does so where its logit is rounded in another way. The bound takes the records as independent of each other, as exchangeable
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
  const { temperature = 1 } = options;
  const groups = tiesOf(cumulate(scores, hardLabels(labels), counted), temperature);
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
  if (found !== undefined) {
    const threshold = thresholdBelow(found, groups[deepest + 1], temperature);
    return { act: actAt(found, threshold, groups.at(-1)?.positives ?? 0), reason: null };
  }
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

function actAt({ positives, total }: ScoredGroup, threshold: number, violations: number): ActThreshold {
  return {
    threshold,
    precision: positives / total,
    recall: positives / violations,
    predicted: total,
    correct: positives,
  };
}

/** By how much a score changes where its logit changes by the resolution, and two roundings of it. */
function resolutionAt(score: number, temperature: number): number {
  return (LOGIT_RESOLUTION / temperature) * score * (1 - score) + 2 * Number.EPSILON * score;
}

/** Joins neighbouring scores that cannot be told apart. */
function tiesOf(groups: readonly ScoredGroup[], temperature: number): Tie[] {
  const ties: Tie[] = [];
  for (const { score, positives, total } of groups) {
    const last = ties.at(-1);
    const gap = Math.max(resolutionAt(score, temperature), resolutionAt(last?.score ?? score, temperature));
    if (last !== undefined && last.score - score <= gap) Object.assign(last, { score, positives, total });
    else ties.push({ top: score, score, positives, total });
  }
  return ties;
}

/** Halfway to the next lower score; where there is none, lower by as much as scores must differ to be told apart. */
function thresholdBelow({ score }: Tie, next: Tie | undefined, temperature: number): number {
  return next === undefined ? score - resolutionAt(score, temperature) : (score + next.top) / 2;
}

function whyNone(records: number, failed: readonly ScoredGroup[], options: ThresholdOptions): string {
  const asked = `precision ${options.minPrecision} with confidence ${options.confidence}`;
  if (failed.length === 0)
    return `A proof of ${asked} needs at least ${startsFor(records, options)[0]} records with known labels; the calibration split has ${records}.`;
  const tests = failed.map(({ positives, total }) => `${positives} of ${total}`).join(', ');
  return `Of the highest-scored calibration records ${tests} are violations, which does not prove ${asked}.`;
}

export interface ReviewThreshold {
  /** A score of at least this is reviewed. It is the score of no record, as with `ActThreshold`. */
  threshold: number;
  /** Share of all violations that lie at or above it. */
  recall: number;
  /** Violations at or above it, and all of them. */
  caught: number;
  violations: number;
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
  { minRecall, temperature = 1 }: { minRecall: number } & Pick<ThresholdOptions, 'temperature'>,
): ReviewThreshold | null {
  const ties = tiesOf(cumulate(scores, hardLabels(labels), known), temperature);
  const violations = ties.at(-1)?.positives ?? 0;
  if (violations === 0) return null;
  const at = ties.findIndex(({ positives }) => positives / violations >= minRecall - 1e-12);
  const found = ties[at];
  if (found === undefined) return null;
  return {
    threshold: thresholdBelow(found, ties[at + 1], temperature),
    recall: found.positives / violations,
    caught: found.positives,
    violations,
  };
}
