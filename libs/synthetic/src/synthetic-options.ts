import { AssayError } from '@assay/core';

export interface SyntheticOptions {
  /** Number of records, at least 1. */
  rows: number;
  /** Non-negative integer; the same rows and seed give the same bytes. */
  seed: number;
  /** Directory to create; an earlier synthetic data set of the same kind is replaced, anything else refused. */
  outDir: string;
  /** Photos rendered at once; it changes the speed, never the bytes. */
  concurrency?: number;
  /** Called with the number of finished records and of all records. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface SyntheticSummary {
  outDir: string;
  rows: number;
  photos: number;
  /** Records per positive label (or per class), as written to the data. */
  labelCounts: Record<string, number>;
}

/**
 * Checks what a caller may get wrong.
 *
 * @throws USAGE when rows is not a positive integer or seed not a non-negative one
 */
export function checkOptions({ rows, seed, concurrency = 1 }: SyntheticOptions): void {
  const isWhole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
  const refuse = (name: string, least: number, value: number): never => {
    throw new AssayError(
      'USAGE',
      `${name} must be an integer of at least ${least}, got ${value}. Fix: pass for example --${name} ${Math.max(least, 2000)}.`,
      { details: { [name]: value } },
    );
  };
  if (!isWhole(rows, 1)) refuse('rows', 1, rows);
  if (!isWhole(seed, 0)) refuse('seed', 0, seed);
  if (!isWhole(concurrency, 1)) refuse('concurrency', 1, concurrency);
}
