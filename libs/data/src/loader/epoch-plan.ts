import { AssayError, Random } from '@assay/core';

export interface EpochPlanOptions {
  numRows: number;
  batchSize: number;
  seed: number;
  /** Counted from 0; every epoch has an order of its own. */
  epoch: number;
  /** How often each row should come, relative to others, ≥ 0; default: each once. */
  weight_N?: ArrayLike<number>;
  /** Number of tokens of each row: batches then hold rows of similar length. */
  length_N?: ArrayLike<number>;
  /** Leaves out a last batch that is smaller than the others. */
  dropRemainder?: boolean;
}

/** Rows of an epoch in the order of training. Batch i is rows `start_S[i]` to `start_S[i + 1]` of `row_N`. */
export interface EpochPlan {
  row_N: Uint32Array;
  start_S: Uint32Array;
}

/** Batches among which rows are sorted by length: enough to fill up little, few enough to keep chance in the order. */
const BUCKETED_BATCHES = 64;

/**
 * The order of one epoch, a pure function of its options: a run that was cut off computes it anew and goes on at any batch.
 *
 * With weights, rows are drawn by systematic resampling: as many as there are rows, each ⌊expected⌋ or ⌈expected⌉ times.
 * With lengths, stretches of 64 batches are sorted by length, cut into batches, and the batches shuffled.
 *
 * @throws USAGE when sizes or weights are out of range
 * @see Kitagawa 1996, "Monte Carlo filter and smoother for non-Gaussian nonlinear state space models", appendix
 *   (systematic resampling)
 */
export function planEpoch(options: EpochPlanOptions): EpochPlan {
  assertPlan(options);
  const { numRows, batchSize, seed, epoch, weight_N, length_N, dropRemainder = false } = options;
  const random = new Random(seed, `loader/epoch/${epoch}`);
  const drawn_N =
    weight_N === undefined
      ? Uint32Array.from({ length: numRows }, (_, row) => row)
      : resample(weight_N, random);
  shuffleInPlace(drawn_N, random);
  if (length_N !== undefined) sortStretches(drawn_N, length_N, BUCKETED_BATCHES * batchSize);
  const numBatches = dropRemainder ? Math.floor(numRows / batchSize) : Math.ceil(numRows / batchSize);
  const batches = Uint32Array.from({ length: numBatches }, (_, batch) => batch);
  if (length_N !== undefined) shuffleInPlace(batches, random);
  return inOrder(drawn_N, batches, batchSize);
}

/** Batches of the drawn rows in another order. */
function inOrder(drawn_N: Uint32Array, batches: Uint32Array, batchSize: number): EpochPlan {
  const row_N = new Uint32Array(Math.min(drawn_N.length, batches.length * batchSize));
  const start_S = new Uint32Array(batches.length + 1);
  for (const [i, batch] of batches.entries()) {
    const rows = drawn_N.subarray(batch * batchSize, (batch + 1) * batchSize);
    row_N.set(rows, start_S[i]);
    start_S[i + 1] = (start_S[i] ?? 0) + rows.length;
  }
  return { row_N, start_S };
}

/** Row i comes as often as points (u + j) · total / N fall into its stretch of the summed weights. */
function resample(weight_N: ArrayLike<number>, random: Random): Uint32Array {
  const numRows = weight_N.length;
  let total = 0;
  for (let row = 0; row < numRows; row++) total += weight_N[row] ?? 0;
  const drawn_N = new Uint32Array(numRows);
  const offset = random.uniform();
  let row = 0;
  let summed = weight_N[0] ?? 0;
  for (let j = 0; j < numRows; j++) {
    const point = ((offset + j) * total) / numRows;
    while (summed <= point && row < numRows - 1) summed += weight_N[++row] ?? 0;
    drawn_N[j] = row;
  }
  return drawn_N;
}

function shuffleInPlace(values: Uint32Array, random: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [values[i], values[j]] = [values[j] ?? 0, values[i] ?? 0];
  }
}

/** Equal lengths stay in the order of chance. */
function sortStretches(row_N: Uint32Array, length_N: ArrayLike<number>, stretch: number): void {
  const lengthOf = (row: number): number => length_N[row] ?? 0;
  for (let start = 0; start < row_N.length; start += stretch) {
    const rows = [...row_N.subarray(start, start + stretch)];
    row_N.set(
      rows.sort((a, b) => lengthOf(a) - lengthOf(b)),
      start,
    );
  }
}

function assertPlan({ numRows, batchSize, epoch, weight_N, length_N }: EpochPlanOptions): void {
  const fail = (what: string): never => {
    throw new AssayError('USAGE', `${what} Fix: change the options of the loader.`);
  };
  if (!Number.isInteger(batchSize) || batchSize < 1)
    fail(`batchSize is ${batchSize}; expected an integer ≥ 1.`);
  if (!Number.isInteger(epoch) || epoch < 0) fail(`epoch is ${epoch}; expected an integer ≥ 0.`);
  for (const [name, values] of Object.entries({ weight_N, length_N }))
    if (values !== undefined && values.length !== numRows)
      fail(`${name} has ${values.length} values; expected one for each of ${numRows} rows.`);
  if (weight_N === undefined) return;
  const weights = Array.from(weight_N);
  if (!weights.every((weight) => weight >= 0 && Number.isFinite(weight)))
    fail('A weight is negative or not finite; expected numbers ≥ 0.');
  if (numRows > 0 && !weights.some((weight) => weight > 0)) fail('All weights are 0; expected one above it.');
}
