import { AssayError } from '@assay/core';
import type { AugmentOptions, InputName, InputSpec, ModelInputs } from '@assay/preprocess';
import { ShardRows } from '../shard-rows.js';
import { assembleBatch, type BatchJob } from './assemble-batch.js';
import type { BatchAugmentation } from './augment-batch.js';
import { layoutOfSlot, type SlotArray, type SlotLayout } from './batch-layout.js';
import { planEpoch, type EpochPlan } from './epoch-plan.js';
import { LoaderThreads } from './loader-threads.js';

export interface DataLoaderOptions {
  /** Shards of the split, in order. */
  paths: readonly string[];
  /** Inputs of the model; other arrays are labels and weights. */
  inputSpecs: Readonly<Partial<Record<InputName, InputSpec>>>;
  batchSize: number;
  seed: number;
  /** How often each row should come, relative to others; default: each once an epoch. */
  weight_N?: ArrayLike<number>;
  /** Brings texts of similar length together and cuts them to the longest of the batch. Default false. */
  bucketByLength?: boolean;
  /** How images are altered; by default they are as they were prepared. */
  augment?: AugmentOptions;
  /** Leaves out a last batch that is smaller than the others. Default false. */
  dropRemainder?: boolean;
  /** Threads that make batches; 0 makes them in this one. Default 1. */
  threads?: number;
  /** Batches that are made ahead. Default: two a thread. */
  prefetch?: number;
  /** Program of the threads. */
  workerFile?: string;
}

/** A batch of a loader. Its arrays lie in shared memory and hold until the next batch is asked for. */
export interface LoadedBatch {
  /** Rows of the split, counted through its shards. */
  row_B: Uint32Array;
  inputs: ModelInputs;
  /** Probability of each class in [0, 1]; 0 where unknown. */
  label_BK: Float32Array;
  /** 1 where the label is known, else 0. */
  labelKnown_BK: Float32Array;
  /** Weight of each record in the loss, ≥ 0. */
  weight_B: Float32Array;
  /** Number of records: the size of the axis B. */
  size: number;
}

/** Where a loader stands: the batch that comes next. */
export interface LoaderState {
  epoch: number;
  batch: number;
}

const TARGETS = ['label_BK', 'labelKnown_BK', 'weight_B'];
/** Batches of texts are cut to a multiple of this, so that a graph sees few lengths. */
const TOKEN_STEP = 8;

/**
 * Batches of a split for training, made ahead by threads. The order and every byte follow from the options alone: neither
 * the number of threads nor where a run was cut off changes them.
 */
export class DataLoader {
  readonly #options: DataLoaderOptions;
  readonly #shards: ShardRows;
  readonly #layout: SlotLayout;
  readonly #augmentation: BatchAugmentation | undefined;
  readonly #length_N: Int32Array | undefined;
  readonly #threads: LoaderThreads | undefined;
  readonly #slots: SharedArrayBuffer[];
  #state: LoaderState = { epoch: 0, batch: 0 };
  #waitedMs = 0;
  #isRunning = false;

  /** @throws FILE_NOT_FOUND, FILE_CORRUPT when a shard is missing or damaged */
  constructor(options: DataLoaderOptions) {
    const { paths, batchSize, threads = 1, prefetch = 2 * threads } = options;
    this.#options = options;
    this.#shards = ShardRows.open(paths);
    this.#layout = layoutOfSlot(this.#shards, batchSize, [...Object.keys(options.inputSpecs), ...TARGETS]);
    this.#length_N = options.bucketByLength === true ? readLengths(this.#shards) : undefined;
    this.#augmentation = options.augment && { seed: options.seed, options: options.augment };
    const data = { paths: [...paths], layout: this.#layout, augmentation: this.#augmentation };
    this.#threads = threads > 0 ? new LoaderThreads(threads, data, options.workerFile) : undefined;
    this.#slots = Array.from(
      { length: 1 + (threads > 0 ? Math.max(1, prefetch) : 0) },
      () => new SharedArrayBuffer(this.#layout.byteLength),
    );
  }

  get numRows(): number {
    return this.#shards.numRows;
  }

  /** The batch that comes next, to go on from after a restart. */
  get state(): LoaderState {
    return { ...this.#state };
  }

  /** Milliseconds that batches were waited for, in all. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /**
   * Yields the batches of an epoch.
   *
   * @param epoch counted from 0
   * @param from batch to begin at
   * @throws FILE_CORRUPT when a shard has changed
   * @throws USAGE when another epoch is under way, there is no such batch, or the loader was closed
   * @throws INTERNAL when a thread ended
   */
  async *epoch(epoch: number, from = 0): AsyncGenerator<LoadedBatch> {
    if (this.#isRunning)
      throw new AssayError(
        'USAGE',
        'The loader is in the middle of an epoch, and its memory holds one at a time. Fix: end that loop first, or make another loader.',
      );
    const plan = planEpoch({ ...this.#options, numRows: this.numRows, epoch, length_N: this.#length_N });
    const numBatches = plan.start_S.length - 1;
    if (!Number.isInteger(from) || from < 0 || from > numBatches)
      throw new AssayError(
        'USAGE',
        `An epoch of ${numBatches} batches cannot begin at batch ${from}. Fix: give a whole number from 0 to ${numBatches}.`,
      );
    this.#isRunning = true;
    const pending = new Map<number, Promise<void>>();
    let next = from;
    try {
      for (let batch = from; batch < numBatches; batch++) {
        this.#state = { epoch, batch };
        while (next < Math.min(numBatches, batch + this.#slots.length)) {
          const made = this.#make(this.#jobOf(plan, epoch, next));
          made.catch(() => undefined); // it is reported when its turn comes
          pending.set(next++, made);
        }
        const start = performance.now();
        await pending.get(batch);
        this.#waitedMs += performance.now() - start;
        pending.delete(batch);
        this.#state = batch + 1 < numBatches ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };
        yield this.#batchOf(this.#jobOf(plan, epoch, batch));
      }
    } finally {
      await Promise.allSettled(pending.values()); // nothing may write to a slot that the next epoch uses
      this.#isRunning = false;
    }
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#threads?.stop();
    this.#shards.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #jobOf({ row_N, start_S }: EpochPlan, epoch: number, batch: number): BatchJob {
    const first = start_S[batch] ?? 0;
    const rows = row_N.slice(first, start_S[batch + 1]);
    const slot = this.#slots[batch % this.#slots.length];
    if (slot === undefined) throw new AssayError('INTERNAL', 'the loader has no slot');
    return { batch, slot, rows, epoch, first, numTokens: this.#numTokens(rows) };
  }

  /** Tokens of the longest text, rounded up. */
  #numTokens(rows: Uint32Array): number | undefined {
    const length_N = this.#length_N;
    const [L] = this.#layout.arrays.find(({ isTokens }) => isTokens)?.shape ?? [];
    if (length_N === undefined || L === undefined) return undefined;
    const longest = rows.reduce((most, row) => Math.max(most, length_N[row] ?? 0), 1);
    return Math.min(L, Math.ceil(longest / TOKEN_STEP) * TOKEN_STEP);
  }

  async #make(job: BatchJob): Promise<void> {
    if (this.#threads === undefined) assembleBatch(this.#shards, this.#layout, job, this.#augmentation);
    else await this.#threads.run(job);
  }

  #batchOf({ slot, rows, numTokens }: BatchJob): LoadedBatch {
    const inputs: ModelInputs = {};
    const others = new Map<string, Float32Array>();
    for (const array of this.#layout.arrays) {
      const shape = array.isTokens && numTokens !== undefined ? [numTokens] : array.shape;
      const data = viewOf(slot, array, rows.length * sizeOf(shape));
      const { [array.name as InputName]: spec } = this.#options.inputSpecs; // any name may be asked for
      if (spec !== undefined)
        inputs[array.name as InputName] = { dtype: spec.dtype, shape: [rows.length, ...shape], data }; // it has a spec
      else if (data instanceof Float32Array) others.set(array.name, data);
    }
    const floats = (name: string): Float32Array => others.get(name) ?? new Float32Array(0);
    return {
      row_B: rows,
      inputs,
      label_BK: floats('label_BK'),
      labelKnown_BK: floats('labelKnown_BK'),
      weight_B: floats('weight_B'),
      size: rows.length,
    };
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);

function viewOf(
  slot: SharedArrayBuffer,
  { dtype, offset }: SlotArray,
  length: number,
): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'F32') return new Float32Array(slot, offset, length);
  return dtype === 'I32' ? new Int32Array(slot, offset, length) : new Uint8Array(slot, offset, length);
}

/** Number of tokens of every row. */
function readLengths(shards: ShardRows): Int32Array | undefined {
  if (!shards.arrays.has('length_B')) return undefined;
  const length_N = new Int32Array(shards.numRows);
  const rows = Uint32Array.from({ length: shards.numRows }, (_, row) => row);
  shards.read('length_B', rows, new Uint8Array(length_N.buffer));
  return length_N;
}
