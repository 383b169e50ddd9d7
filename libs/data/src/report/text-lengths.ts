/** How long the texts of one field are, in code points. Empty texts do not count. */
export interface LengthSummary {
  count: number;
  min: number;
  /** Rounded to three digits when it is above 10,000; so is `p95`. */
  median: number;
  p95: number;
  max: number;
  /** Number of texts with `from` ≤ length < `to`. */
  bins: { from: number; to: number; count: number }[];
}

/** Lengths up to this one are kept exactly, longer ones to three digits. */
export const EXACT_LENGTHS = 10_000;

/** Collects numbers of any range in bounded memory. */
export class LengthCounts {
  readonly #counts = new Map<number, number>();
  #min = Infinity;
  #max = -Infinity;

  /** @param length positive whole number */
  add(length: number): void {
    const kept = length <= EXACT_LENGTHS ? length : Number(length.toPrecision(3));
    this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + 1);
    this.#min = Math.min(this.#min, length);
    this.#max = Math.max(this.#max, length);
  }

  /** @returns null when there are none */
  summary(): LengthSummary | null {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const [min, max] = [this.#min, this.#max];
    if (sorted.length === 0) return null;
    const count = sorted.reduce((sum, [, n]) => sum + n, 0);
    /** A rounded length may lie beyond the extremes. */
    const quantile = (share: number): number =>
      Math.min(max, Math.max(min, quantileOf(sorted, share * count)));
    return {
      ...{ count, min, median: quantile(0.5), p95: quantile(0.95), max },
      bins: binsOf(sorted, min, max),
    };
  }
}

/** The smallest length that at least `rank` texts do not exceed. */
function quantileOf(sorted: readonly [length: number, count: number][], rank: number): number {
  let seen = 0;
  for (const [length, count] of sorted) {
    seen += count;
    if (seen >= rank) return length;
  }
  return sorted.at(-1)?.[0] ?? 0;
}

/** Four bins for each doubling; edges are whole numbers, so the first bins hold one length each. */
function binsOf(
  sorted: readonly [length: number, count: number][],
  min: number,
  max: number,
): LengthSummary['bins'] {
  const edgeOf = (k: number): number => Math.round(2 ** (k / 4));
  const bins: LengthSummary['bins'] = [];
  for (let k = 0; edgeOf(k) <= max; k++) {
    const [from, to] = [edgeOf(k), edgeOf(k + 1)];
    if (to > from && to > min) bins.push({ from, to, count: 0 });
  }
  let at = 0;
  for (const [length, count] of sorted) {
    while (at < bins.length - 1 && length >= (bins[at]?.to ?? Infinity)) at++;
    const bin = bins[at];
    if (bin !== undefined) bin.count += count;
  }
  return bins;
}

/** Number of code points. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) !== 0xd800 || (text.charCodeAt(i + 1) & 0xfc00) !== 0xdc00) continue;
    length--;
    i++;
  }
  return length;
}
