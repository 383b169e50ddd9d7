import type { Random } from '@assay/core';
import { nextTurn } from '../next-turn.js';
import { betaQuantile, studentTQuantile } from './incomplete-beta.js';

/** Lower and upper end. */
export type Interval = readonly [number, number];

const Z_95 = 1.959963984540054;
/** What lies outside a 95 % interval on either side. */
const TAIL = 0.025;

/**
 * Wilson score interval of a proportion, 95 %.
 *
 * @param successes may be fractional (soft labels)
 * @returns null without trials
 * @see Wilson 1927; statsmodels `proportion_confint(method='wilson')`
 */
export function wilsonInterval(successes: number, trials: number, z = Z_95): Interval | null {
  if (trials <= 0) return null;
  const p = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / denominator;
  const half = (z / denominator) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * Clopper–Pearson interval of a proportion, 95 %: the exact one, which never covers less. Where the successes are the records
 * above a threshold that was chosen to succeed on that many of these very trials, it still holds, because its ends are
 * quantiles of the share beyond an order statistic.
 *
 * @param successes may be fractional
 * @returns null without trials
 * @see Clopper & Pearson 1934; scipy `binomtest(k, n).proportion_ci()`
 */
export function exactInterval(successes: number, trials: number): Interval | null {
  if (trials <= 0) return null;
  const failures = Math.max(0, trials - successes);
  return [
    successes <= 0 ? 0 : betaQuantile(TAIL, successes, failures + 1),
    failures <= 0 ? 1 : betaQuantile(1 - TAIL, successes + 1, failures),
  ];
}

interface Counted {
  /** 1 succeeded, 0 did not. */
  success_N: ArrayLike<number>;
  /** 1 is a trial, 0 is none. */
  counted_N: ArrayLike<number>;
  /** One key per record; records of one key resemble each other. */
  clusters: readonly string[];
}

/**
 * A proportion with its 95 % interval at the effective sample size (n / deff) · (t₍ₙ₋₁₎ / t₍C₋₁₎)², where deff ≥ 1 is the
 * variance between clusters against that of independent records, C = n² / Σ m² is the number of clusters of equal size that
 * n records in clusters of m records are worth, and t is the 97.5 % quantile of Student's t. Records that are each their own
 * cluster give the interval of independent records.
 *
 * Two bounds need no estimate. Clusters that agree within themselves are worth C records, so the sample is never worth less:
 * a single cluster counts as one record, whatever its size. And whether clusters differ is not seen as long as all agree, so
 * no end lies closer to 0 or 1 than if C records had all agreed: one more error never narrows the interval from there.
 *
 * @param intervalOf Wilson by default; `exactInterval` for a threshold that was chosen on the same records
 * @see Korn & Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts estimated
 *   from survey data"; Kish 1965, design effect
 */
export function clusteredProportion(
  counted: Counted,
  intervalOf: (successes: number, trials: number) => Interval | null = wilsonInterval,
): { value: number | null; interval: Interval | null } {
  const sums = sumsByCluster(counted);
  const trials = sums.reduce((total, c) => total + c.trials, 0);
  if (trials === 0) return { value: null, interval: null };
  const value = sums.reduce((total, c) => total + c.successes, 0) / trials;
  const equalClusters = trials ** 2 / sums.reduce((total, c) => total + c.trials ** 2, 0);
  const effective = effectiveSampleSize(sums, { trials, value, equalClusters });
  const [low, high] = intervalOf(value * effective, effective) ?? [0, 1];
  const [closest] = intervalOf(equalClusters, equalClusters) ?? [0, 1];
  return { value, interval: [Math.min(low, closest), Math.max(high, 1 - closest)] };
}

interface ClusterSum {
  trials: number;
  successes: number;
}

function sumsByCluster({ success_N, counted_N, clusters }: Counted): ClusterSum[] {
  const byCluster = new Map<string, ClusterSum>();
  for (const [n, key] of clusters.entries()) {
    if ((counted_N[n] ?? 0) === 0) continue;
    const { trials, successes } = byCluster.get(key) ?? { trials: 0, successes: 0 };
    byCluster.set(key, { trials: trials + 1, successes: successes + (success_N[n] ?? 0) });
  }
  return [...byCluster.values()];
}

function effectiveSampleSize(
  sums: readonly ClusterSum[],
  { trials, value: p, equalClusters }: { trials: number; value: number; equalClusters: number },
): number {
  // Below 1.5 clusters Student's t is so wide that nothing but the floor is left.
  if (p === 0 || p === 1 || equalClusters < 1.5) return equalClusters;
  const between = sums.reduce((total, c) => total + (c.successes - p * c.trials) ** 2, 0);
  const unbiased = (between * equalClusters) / (equalClusters - 1);
  const designEffect = Math.max(1, unbiased / (trials * p * (1 - p)));
  const t = (degreesOfFreedom: number): number => studentTQuantile(1 - TAIL, degreesOfFreedom);
  const shrink = (t(trials - 1) / t(equalClusters - 1)) ** 2;
  return Math.max(equalClusters, (trials / designEffect) * shrink);
}

interface BootstrapOptions {
  /** One key per record; records of one key are drawn together. */
  clusters: readonly string[];
  /** 1 counts, 0 does not: its weight is always 0. Default: every record counts. */
  counted_N?: ArrayLike<number>;
  random: Random;
  replicates: number;
  signal?: AbortSignal | undefined;
}

/** A replicate over 40,000 records takes 20 ms. */
const REPLICATES_PER_TURN = 8;

/**
 * Percentile interval, 95 %, of a metric by resampling whole clusters with replacement. Every few replicates it lets the
 * process hear signals; what is drawn does not depend on that.
 *
 * @param metric receives a weight per record (how often its cluster was drawn); null replicates are left out
 * @returns null when fewer than half of the replicates gave a number, or when the records that count are of a single cluster,
 *   whose resamples are all the same and say nothing about another one
 * @throws INTERRUPTED when the signal is aborted
 * @see Davison & Hinkley 1997, section 3.8
 */
export async function clusterBootstrap(
  metric: (weights: Float64Array) => number | null,
  { clusters, counted_N, random, replicates, signal }: BootstrapOptions,
): Promise<Interval | null> {
  const countedAt = (n: number): number => (counted_N === undefined ? 1 : (counted_N[n] ?? 0));
  if (new Set(clusters.filter((_, n) => countedAt(n) > 0)).size < 2) return null;
  const keys = new Map<string, number>();
  const cluster = Uint32Array.from(clusters, (key) => {
    const known = keys.get(key) ?? keys.size;
    keys.set(key, known);
    return known;
  });
  const values: number[] = [];
  const weights = new Float64Array(cluster.length);
  for (let r = 0; r < replicates; r++) {
    if (r % REPLICATES_PER_TURN === 0) await nextTurn(signal);
    const drawn = new Uint32Array(keys.size);
    for (let c = 0; c < keys.size; c++) {
      const chosen = random.integer(keys.size);
      drawn[chosen] = (drawn[chosen] ?? 0) + 1;
    }
    for (let n = 0; n < cluster.length; n++) weights[n] = (drawn[cluster[n] ?? 0] ?? 0) * countedAt(n);
    const value = metric(weights);
    if (value !== null) values.push(value);
  }
  if (values.length < replicates / 2 || values.length === 0) return null;
  values.sort((a, b) => a - b);
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, NumPy's default). */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? 0;
  return low + (high - low) * (at - Math.floor(at));
}
