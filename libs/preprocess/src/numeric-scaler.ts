import type { PreprocessConfig } from '@assay/config';
import { QuantileFit, rankOf, type QuantileColumn } from './quantile-scaling.js';
import { standardised, StandardFit, type StandardColumn } from './standard-scaling.js';

/** What the training split says about a numeric column. */
export type NumericColumn = StandardColumn | QuantileColumn;

/** Collects what the scaling of one column needs, without its missing values. */
export class NumericFit {
  readonly #fit: StandardFit | QuantileFit;

  constructor(
    readonly name: string,
    { scaling, columns, quantiles, output }: PreprocessConfig['numeric'],
  ) {
    const own = new Map(Object.entries(columns)).get(name) ?? scaling;
    this.#fit = own === 'quantile' ? new QuantileFit(name, output, quantiles) : new StandardFit(name, own);
  }

  add(value: number | null | undefined): void {
    if (value !== null && value !== undefined) this.#fit.add(value);
  }

  finish(): NumericColumn {
    return this.#fit.finish();
  }
}

/** Features of a column: the value, and whether it is missing. */
export const FEATURES_PER_COLUMN = 2;

/**
 * Two features a column: the scaled value (that of the nearest training value beyond their range; 0 when missing), and 1
 * when missing.
 *
 * @returns numeric_F with F = 2 · columns
 */
export function encodeNumeric(
  values: Readonly<Record<string, number | null>>,
  columns: readonly NumericColumn[],
): number[] {
  return columns.flatMap((column) => {
    const value = values[column.name] ?? null;
    if (value === null) return [0, 1];
    return [column.scaling === 'quantile' ? rankOf(value, column) : standardised(value, column), 0];
  });
}
