import { Random } from '@assay/core';
import { normalQuantile } from './normal-quantile.js';

export type QuantileOutput = 'uniform' | 'normal';

/** What the training split says about a column that is scaled by rank. */
export interface QuantileColumn {
  name: string;
  scaling: 'quantile';
  output: QuantileOutput;
  /** At equal steps of rank from the least value to the greatest; none for a column without values. */
  quantiles: number[];
}

/** Values that are kept of a column: 8 MB. */
const MAX_VALUES = 2 ** 20;
/** `normal` cannot give more than the quantile of this much. */
const TAIL = 1e-7 - Number.EPSILON;
const FARTHEST = -normalQuantile(TAIL);
/** So near to the least or the greatest value counts as that value when the output is `normal`. */
const BOUNDS_THRESHOLD = 1e-7;

/**
 * Collects the quantiles of one column. They are exact up to 1,048,576 values. Of more, least and greatest stay exact and
 * the others are those of a random sample of that size (Vitter's algorithm R, seeded by the name of the column): the rank
 * of a quantile is then off by 0.05 % of the values as a standard deviation, at most.
 */
export class QuantileFit {
  #values = new Float64Array(1024);
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  readonly #random: Random;

  /**
   * @param maxQuantiles most quantiles that are kept, ≥ 2
   * @param maxValues most values that are kept until `finish`
   */
  constructor(
    readonly name: string,
    private readonly output: QuantileOutput,
    private readonly maxQuantiles: number,
    private readonly maxValues = MAX_VALUES,
  ) {
    this.#random = new Random(0, `quantiles/${name}`);
  }

  add(value: number): void {
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    const position = this.#count++;
    if (position < this.maxValues) {
      this.#grow(position);
      this.#values[position] = value;
      return;
    }
    const place = this.#random.integer(this.#count);
    if (place < this.maxValues) this.#values[place] = value;
  }

  #grow(position: number): void {
    if (position < this.#values.length) return;
    const larger = new Float64Array(Math.min(this.maxValues, 2 * this.#values.length));
    larger.set(this.#values);
    this.#values = larger;
  }

  finish(): QuantileColumn {
    const { name, output } = this;
    const sorted = this.#values.slice(0, Math.min(this.#count, this.maxValues)).sort();
    const count = Math.min(this.maxQuantiles, sorted.length);
    const step = (sorted.length - 1) / Math.max(1, count - 1);
    const quantiles = Array.from({ length: count }, (_, i) => at(sorted, i * step));
    if (count > 0) [quantiles[0], quantiles[count - 1]] = [this.#min, this.#max];
    return { name, scaling: 'quantile', output, quantiles };
  }
}

/** Between two values of a sorted array, in proportion. */
function at(sorted: Float64Array, position: number): number {
  const low = Math.floor(position);
  const [below = 0, above = below] = sorted.subarray(low, low + 2);
  return below + (position - low) * (above - below);
}

/**
 * The rank of a value among the training values, in [0, 1], or the standard normal quantile of it, within ±5.2. Between two
 * quantiles the rank is in proportion; a value that many training values had gets the middle of their ranks, but the least
 * value has rank 0 and the greatest 1. A column without values or with a single one gives 0.
 *
 * @see scikit-learn's `QuantileTransformer` with `subsample=None`, which this equals but for constant columns
 */
export function rankOf(value: number, { quantiles, output }: QuantileColumn): number {
  const [least = 0] = quantiles;
  const greatest = quantiles.at(-1) ?? 0;
  if (least === greatest) return 0;
  const slack = output === 'normal' ? BOUNDS_THRESHOLD : 0;
  if (value <= least || value - slack < least) return output === 'normal' ? -FARTHEST : 0;
  if (value >= greatest || value + slack > greatest) return output === 'normal' ? FARTHEST : 1;
  const rank = rankBetween(value, quantiles);
  return output === 'uniform' ? rank : normalQuantile(Math.min(1 - TAIL, Math.max(TAIL, rank)));
}

function rankBetween(value: number, quantiles: readonly number[]): number {
  const first = firstAtLeast(quantiles, value);
  const steps = quantiles.length - 1;
  const above = quantiles[first] ?? 0;
  if (above === value) {
    let last = first;
    while (quantiles[last + 1] === value) last += 1;
    return (first + last) / 2 / steps;
  }
  const below = quantiles[first - 1] ?? 0;
  return (first - 1 + (value - below) / (above - below)) / steps;
}

/** Where the first item lies that is not less; the greatest item is. */
function firstAtLeast(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
