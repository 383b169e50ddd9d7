import { AssayError } from '@assay/core';

/** Labels of a row: probability per class; null is unknown. */
type Labels = readonly (number | null)[];

/** A soft label from here on counts the row as one of the class. */
const POSITIVE = 0.5;

/**
 * Weights that give every class the same share of an epoch: a row weighs Σ over its classes of 1 / (rows of the class). Rows
 * without any class are one more class.
 *
 * @returns one weight per row
 */
export function balancedWeights(labels_NK: readonly Labels[]): Float64Array {
  const classesOf = (labels: Labels): number[] => {
    const classes = labels.flatMap((label, k) => (label !== null && label >= POSITIVE ? [k] : []));
    return classes.length > 0 ? classes : [labels.length];
  };
  const classes = labels_NK.map(classesOf);
  const sizes = new Map<number, number>();
  for (const k of classes.flat()) sizes.set(k, (sizes.get(k) ?? 0) + 1);
  return Float64Array.from(classes, (ofRow) => ofRow.reduce((sum, k) => sum + 1 / (sizes.get(k) ?? 1), 0));
}

/**
 * Scales weights so that sources have given shares of an epoch, whatever their numbers of rows.
 *
 * @param weight_N weights of the rows, from which the shares within a source follow
 * @param source_N name of the source of each row
 * @param shares by source, > 0, relative to each other; a source that is not named keeps none of its rows
 * @returns one weight per row; those of a source add up to its share
 * @throws USAGE when a share is not above 0, or belongs to no source
 */
export function mixedWeights(
  weight_N: ArrayLike<number>,
  source_N: readonly string[],
  shares: Readonly<Record<string, number>>,
): Float64Array {
  const totals = new Map<string, number>();
  for (const [row, source] of source_N.entries())
    totals.set(source, (totals.get(source) ?? 0) + (weight_N[row] ?? 0));
  for (const [source, share] of Object.entries(shares)) {
    if (!(share > 0) || !Number.isFinite(share))
      throw new AssayError(
        'USAGE',
        `The share of '${source}' is ${share}; expected a number > 0. Fix: change it.`,
      );
    if (!totals.has(source))
      throw new AssayError(
        'USAGE',
        `There is no source '${source}' to mix; there are ${[...totals.keys()].join(', ')}. Fix: name one of these.`,
      );
  }
  const given = new Map(Object.entries(shares));
  return Float64Array.from(source_N, (source, row) => {
    const total = totals.get(source) ?? 0;
    return total > 0 ? ((weight_N[row] ?? 0) * (given.get(source) ?? 0)) / total : 0;
  });
}
