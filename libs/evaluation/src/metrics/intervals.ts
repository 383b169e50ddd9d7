import type { Random } from '@assay/core';

/** Lower and upper end. */
export type Interval = readonly [number, number];

const Z_95 = 1.959963984540054;

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

interface Counted {
  /** 1 succeeded, 0 did not. */
  success_N: ArrayLike<number>;
  /** 1 is a trial, 0 is none. */
  counted_N: ArrayLike<number>;
  /** One key per record; records of one key resemble each other. */
  clusters: readonly string[];
}

/**
 * A proportion with its 95 % Wilson interval at the effective sample size n / deff, where deff ≥ 1 is the variance between
 * clusters against that of independent records. Records that are each their own cluster give the Wilson interval itself.
 * Where all trials agree, no variance can be seen, and every cluster counts once.
 *
 * @see Kish 1965, design effect; Korn & Graubard 1998, Wilson interval at the effective sample size
 */
export function clusteredProportion({ success_N, counted_N, clusters }: Counted): {
  value: number | null;
  interval: Interval | null;
} {
  const byCluster = new Map<string, { trials: number; successes: number }>();
  for (const [n, key] of clusters.entries()) {
    if ((counted_N[n] ?? 0) === 0) continue;
    const { trials, successes } = byCluster.get(key) ?? { trials: 0, successes: 0 };
    byCluster.set(key, { trials: trials + 1, successes: successes + (success_N[n] ?? 0) });
  }
  const sums = [...byCluster.values()];
  const trials = sums.reduce((total, c) => total + c.trials, 0);
  if (trials === 0) return { value: null, interval: null };
  const p = sums.reduce((total, c) => total + c.successes, 0) / trials;
  const between = sums.reduce((total, c) => total + (c.successes - p * c.trials) ** 2, 0);
  const effective = p === 0 || p === 1 ? sums.length : trials / Math.max(1, between / (trials * p * (1 - p)));
  return { value: p, interval: wilsonInterval(p * effective, effective) };
}

interface BootstrapOptions {
  /** One key per record; records of one key are drawn together. */
  clusters: readonly string[];
  random: Random;
  replicates: number;
}

/**
 * Percentile interval, 95 %, of a metric by resampling whole clusters with replacement.
 *
 * @param metric receives a weight per record (how often its cluster was drawn); null replicates are left out
 * @returns null when fewer than half of the replicates gave a number
 * @see Davison & Hinkley 1997, section 3.8
 */
export function clusterBootstrap(
  metric: (weights: Float64Array) => number | null,
  { clusters, random, replicates }: BootstrapOptions,
): Interval | null {
  const keys = new Map<string, number>();
  const cluster = Uint32Array.from(clusters, (key) => {
    const known = keys.get(key) ?? keys.size;
    keys.set(key, known);
    return known;
  });
  const values: number[] = [];
  const weights = new Float64Array(cluster.length);
  for (let r = 0; r < replicates; r++) {
    const drawn = new Uint32Array(keys.size);
    for (let c = 0; c < keys.size; c++) {
      const chosen = random.integer(keys.size);
      drawn[chosen] = (drawn[chosen] ?? 0) + 1;
    }
    for (let i = 0; i < cluster.length; i++) weights[i] = drawn[cluster[i] ?? 0] ?? 0;
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
