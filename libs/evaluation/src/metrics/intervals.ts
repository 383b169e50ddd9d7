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
