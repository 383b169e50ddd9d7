/** The categories of a column that the training split has, in the order of their ids. */
export interface CategoryColumn {
  name: string;
  values: string[];
}

const MISSING = 0;
const UNKNOWN = 1;
const FIRST_KNOWN = 2;

export interface CategoryLimits {
  /** A value that is seen less often counts as unknown, so that the model learns what an unknown value means. */
  minCount: number;
  /** Most values of a column: the most frequent ones, of equally frequent ones those that sort first. */
  maxSize: number;
}

/** Spaces around a value do not count, and a blank value is missing: training and serving see the same. */
const trimmed = (value: string | null | undefined): string | null => value?.trim() || null;

/** Collects the categories of one column. */
export class CategoryFit {
  readonly #counts = new Map<string, number>();

  constructor(
    readonly name: string,
    private readonly limits: CategoryLimits,
  ) {}

  add(value: string | null | undefined): void {
    const key = trimmed(value);
    if (key !== null) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  finish(): CategoryColumn {
    const { minCount, maxSize } = this.limits;
    const frequent = [...this.#counts]
      .filter(([, count]) => count >= minCount)
      .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1))
      .slice(0, maxSize)
      .map(([value]) => value);
    return { name: this.name, values: frequent.sort() };
  }
}

/** Number of ids of a column, missing and unknown among them. */
export const categorySize = ({ values }: CategoryColumn): number => values.length + FIRST_KNOWN;

/** Id of a value: 0 missing, 1 unknown, then the vocabulary. */
export function categoryId(value: string | null | undefined, { values }: CategoryColumn): number {
  const key = trimmed(value);
  if (key === null) return MISSING;
  const position = positionOf(values, key);
  return position === undefined ? UNKNOWN : position + FIRST_KNOWN;
}

/** Binary search; the vocabulary is sorted. */
function positionOf(sorted: readonly string[], value: string): number | undefined {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle] ?? '';
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
