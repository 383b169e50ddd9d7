import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { AugmentOptions, InputSpecs } from '@assay/preprocess';
import type { RecordKey } from '../prepared-record.js';
import { DataLoader, type LoadedBatch } from './data-loader.js';
import { LOADER_WORKER } from './loader-threads.js';
import { balancedWeights, mixedWeights } from './sampling-weights.js';

export interface LoaderSettings {
  batchSize: number;
  /** Order and augmentation follow from it. */
  seed: number;
  /** `balanced` gives every class the same share of an epoch. Default `natural`: each record once. */
  sampling?: 'natural' | 'balanced';
  /** Share of an epoch by file of the source; files that are not named are left out. Default: as many rows as they have. */
  sourceShares?: Readonly<Record<string, number>>;
  /** Brings texts of similar length together and cuts them to the longest of the batch. Default false. */
  bucketByLength?: boolean;
  /** How images are altered; by default they are as they were prepared. */
  augment?: AugmentOptions;
  /** Threads that make batches; 0 makes them in this one. Default: one less than the cores, 1 to 4. */
  threads?: number;
  /** Program of the threads. */
  workerFile?: string;
}

/** A batch whose arrays hold until the next one is asked for. */
export interface PreparedBatch extends LoadedBatch {
  /** Ids of the records, in the order of the axis B. */
  readonly ids: readonly string[];
}

const MAX_THREADS = 4;

/** What a loader reads. */
export interface LoadedSplit {
  paths: readonly string[];
  inputSpecs: InputSpecs;
  records: readonly RecordKey[];
}

/** None where there is no program for them: when TypeScript sources are run. */
const defaultThreads = (): number =>
  existsSync(LOADER_WORKER) ? Math.min(MAX_THREADS, Math.max(1, availableParallelism() - 1)) : 0;

/** Batches of prepared records for training, made ahead by threads. */
export class PreparedLoader {
  readonly #records: readonly RecordKey[];
  readonly #loader: DataLoader;

  /**
   * @throws FILE_NOT_FOUND, FILE_CORRUPT when a shard is missing or damaged
   * @throws USAGE when a share names a file that no record comes from
   */
  constructor({ paths, inputSpecs, records }: LoadedSplit, settings: LoaderSettings) {
    const { sampling = 'natural', sourceShares, ...options } = settings;
    this.#records = records;
    const weights =
      sampling === 'balanced'
        ? balancedWeights(records.map(({ labels }) => labels))
        : sourceShares && new Float64Array(records.length).fill(1);
    const weight_N =
      sourceShares === undefined
        ? weights
        : mixedWeights(
            weights ?? [],
            records.map(({ source }) => source),
            sourceShares,
          );
    this.#loader = new DataLoader({
      ...{ paths, inputSpecs, threads: defaultThreads() },
      ...options,
      ...(weight_N && { weight_N }),
    });
  }

  /** Records of an epoch. */
  get numRows(): number {
    return this.#loader.numRows;
  }

  /** Milliseconds that batches were waited for, in all. */
  get waitedMs(): number {
    return this.#loader.waitedMs;
  }

  /**
   * Yields the batches of an epoch; a pure function of settings and epoch.
   *
   * @param epoch counted from 0
   * @param from batch to begin at
   * @throws FILE_CORRUPT when a shard has changed
   * @throws USAGE when another epoch is under way, there is no such batch, or the loader was closed
   */
  async *epoch(epoch: number, from = 0): AsyncGenerator<PreparedBatch> {
    const records = this.#records;
    for await (const batch of this.#loader.epoch(epoch, from))
      yield {
        ...batch,
        get ids() {
          return Array.from(batch.row_B, (row) => records[row]?.id ?? '');
        },
      };
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#loader.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
