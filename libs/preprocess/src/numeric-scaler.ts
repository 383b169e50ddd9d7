import type { PreprocessConfig } from '@assay/config';

export type NumericScaling = PreprocessConfig['numeric']['scaling'];

/** What the training split says about a numeric column, after the logarithm where there is one. */
export interface NumericColumn {
  name: string;
  mean: number;
  /** Standard deviation (of the population); 1 for a constant column. */
  std: number;
  min: number;
  max: number;
}

/** `log-standard`: sign(x)·log(1 + |x|), which is defined for every number. */
const transformed = (value: number, scaling: NumericScaling): number =>
  scaling === 'log-standard' ? Math.sign(value) * Math.log1p(Math.abs(value)) : value;

/** Collects mean, standard deviation and range of one column, in one pass (Welford). */
export class NumericFit {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;

  constructor(
    readonly name: string,
    private readonly scaling: NumericScaling,
  ) {}

  add(value: number | null | undefined): void {
    if (value === null || value === undefined) return;
    const x = transformed(value, this.scaling);
    this.#count++;
    const before = x - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (x - this.#mean);
    this.#min = Math.min(this.#min, x);
    this.#max = Math.max(this.#max, x);
  }

  /** A column without any value gives 0 for every value, because it is clipped to [0, 0]. */
  finish(): NumericColumn {
    if (this.#count === 0) return { name: this.name, mean: 0, std: 1, min: 0, max: 0 };
    const std = Math.sqrt(this.#squares / this.#count);
    return { name: this.name, mean: this.#mean, std: std > 0 ? std : 1, min: this.#min, max: this.#max };
  }
}

/**
 * Two features a column: the standardised value (clipped to the training range; 0 when missing), and 1 when missing.
 *
 * @returns numeric_F float32 with F = 2 · columns
 */
export function encodeNumeric(
  values: Readonly<Record<string, number | null>>,
  columns: readonly NumericColumn[],
  scaling: NumericScaling,
): Float32Array {
  return Float32Array.from(
    columns.flatMap(({ name, mean, std, min, max }) => {
      const value = values[name] ?? null;
      if (value === null) return [0, 1];
      return [(Math.min(max, Math.max(min, transformed(value, scaling))) - mean) / std, 0];
    }),
  );
}
