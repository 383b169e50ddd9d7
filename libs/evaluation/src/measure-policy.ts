import type { Random } from '@assay/core';
import { decide, type Band, type OperatingPoints, type PolicyOperatingPoint } from '@assay/policy';
import { clusterBootstrap, clusteredProportion, exactInterval, type Interval } from './metrics/intervals.js';
import { hardLabels } from './metrics/positive.js';
import { brierScore, logLoss } from './metrics/probabilistic.js';
import { auroc, averagePrecision, precisionRecallCurve } from './metrics/ranking.js';
import type { PolicyReport } from './report.js';
import { column, type ScoredSplit } from './score-split.js';

const HISTOGRAM_BINS = 20;
const RELIABILITY_BINS = 10;
const CURVE_POINTS = 200;

/** A split with its calibrated probabilities. */
export interface Measured extends ScoredSplit {
  /** Row-major [N, K]. */
  probability_NK: Float64Array;
  /** Records of one cluster are resampled together. */
  clusters: string[];
}

export interface MeasureOptions {
  points: OperatingPoints;
  /** The split that the thresholds were chosen on. */
  calibration: Measured;
  random: Random;
  replicates: number;
  signal?: AbortSignal | undefined;
}

/** Bands of every record under every policy, by the same function that serving uses. */
export function bandsOf({ logit_NK, numClasses, ids }: ScoredSplit, points: OperatingPoints): Band[][] {
  return ids.map((_, n) =>
    decide({ logit_K: logit_NK.subarray(n * numClasses, (n + 1) * numClasses) }, points).map(
      ({ band }) => band,
    ),
  );
}

/**
 * All figures of one policy on the test split, with 95 % intervals.
 *
 * @throws INTERRUPTED when the signal is aborted
 */
export async function measurePolicy(
  measured: Measured,
  k: number,
  bands: readonly Band[][],
  { points, calibration, random, replicates, signal }: MeasureOptions,
): Promise<PolicyReport> {
  const operatingPoint = points.policies[k];
  if (operatingPoint === undefined) throw new RangeError(`measurePolicy: there is no policy ${k}`);
  const { numClasses, clusters } = measured;
  const scores = column(measured.probability_NK, k, numClasses);
  const soft = column(measured.label_NK, k, numClasses);
  const labels = hardLabels(soft);
  const known = column(measured.known_NK, k, numClasses);
  const interval = (metric: (weights: Float64Array) => number | null): Promise<Interval | null> =>
    clusterBootstrap(metric, {
      clusters,
      counted_N: known,
      random: random.fork(operatingPoint.policy),
      replicates,
      signal,
    });
  const band_N = bands.map((row) => row[k] ?? 'pass');
  const count = (band: Band): number => band_N.filter((entered) => entered === band).length;
  const share = (isTrial: (n: number) => boolean, succeeds: (n: number) => boolean) =>
    clusteredProportion({
      counted_N: band_N.map((_, n) => ((known[n] ?? 0) > 0 && isTrial(n) ? 1 : 0)),
      success_N: band_N.map((_, n) => (succeeds(n) ? 1 : 0)),
      clusters,
    });
  const acts = (n: number): boolean => band_N[n] === 'act';
  const violates = (n: number): boolean => labels[n] === 1;
  return {
    policy: operatingPoint.policy,
    known: sum(known),
    positives: sum(labels.map((y, n) => y * (known[n] ?? 0))),
    averagePrecision: {
      value: averagePrecision(scores, labels, known),
      interval: await interval((w) => averagePrecision(scores, labels, w)),
    },
    auroc: {
      value: auroc(scores, labels, known),
      interval: await interval((w) => auroc(scores, labels, w)),
    },
    logLoss: logLoss(scores, soft, known),
    brier: brierScore(scores, soft, known),
    operatingPoint,
    calibrationRecall: calibrationRecall(calibration, k, operatingPoint),
    bands: { act: count('act'), review: count('review'), pass: count('pass') },
    precision: share(acts, violates),
    recall: share(violates, acts),
    caught: share(violates, (n) => band_N[n] !== 'pass'),
    curve: precisionRecallCurve(scores, labels, known, CURVE_POINTS).map(({ precision, recall }) => ({
      precision,
      recall,
    })),
    histogram: histogram(scores, labels, known),
    reliability: reliability(scores, soft, known),
  };
}

/** What the review threshold catches of the split that it was chosen on. */
function calibrationRecall(
  { probability_NK, label_NK, known_NK, numClasses, clusters }: Measured,
  k: number,
  { review }: PolicyOperatingPoint,
): PolicyReport['calibrationRecall'] {
  if (review === null) return { value: null, interval: null };
  const known = column(known_NK, k, numClasses);
  return clusteredProportion(
    {
      success_N: column(probability_NK, k, numClasses).map((score) => (score >= review.threshold ? 1 : 0)),
      counted_N: hardLabels(column(label_NK, k, numClasses)).map((y, n) => y * (known[n] ?? 0)),
      clusters,
    },
    exactInterval,
  );
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, x) => total + x, 0);

function histogram(
  scores: Float64Array,
  labels: Float64Array,
  known: Float64Array,
): PolicyReport['histogram'] {
  const bins = Array.from({ length: HISTOGRAM_BINS }, (_, i) => ({
    bin: i / HISTOGRAM_BINS,
    positives: 0,
    negatives: 0,
  }));
  scores.forEach((score, n) => {
    const bin = bins[Math.min(HISTOGRAM_BINS - 1, Math.floor(score * HISTOGRAM_BINS))];
    if (bin === undefined || (known[n] ?? 0) === 0) return;
    if ((labels[n] ?? 0) === 1) bin.positives++;
    else bin.negatives++;
  });
  return bins;
}

/** Mean score and share of violations in bins of equally many records. */
function reliability(
  scores: Float64Array,
  labels: Float64Array,
  known: Float64Array,
): PolicyReport['reliability'] {
  const order = Array.from(scores.keys()).filter((n) => (known[n] ?? 0) > 0);
  order.sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const size = Math.ceil(order.length / RELIABILITY_BINS);
  const bins: PolicyReport['reliability'] = [];
  for (let start = 0; start < order.length; start += size) {
    const rows = order.slice(start, start + size);
    const mean = (values: Float64Array): number =>
      rows.reduce((total, n) => total + (values[n] ?? 0), 0) / rows.length;
    bins.push({ predicted: mean(scores), observed: mean(labels), records: rows.length });
  }
  return bins;
}
