import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AssayError, throwIfInterrupted } from '@assay/core';
import { distinctTexts } from './exact-texts.js';
import { chooseBands } from './lsh-bands.js';
import { findCrowds, type LshSearch } from './lsh-search.js';
import type { PairColumns } from './pair-list.js';
import { runTask, type SearchTask } from './search-task.js';
import type { TextStore } from './text-store.js';

export interface NearTextOptions {
  /** Smallest Jaccard similarity of the shingle sets, in (0, 1]. Default 0.8. */
  threshold?: number;
  /** Characters of a shingle, ≥ 1. Default 5. */
  shingleLength?: number;
  /** Values of a MinHash signature, a multiple of 128. Default 256. */
  numHashes?: number;
  /** Probability with which a pair at the threshold is to be found, in (0, 1). Default 0.995. */
  recall?: number;
  /** Texts of a bucket up to which all pairs are looked for; of more, those that hold families together. Default 64. */
  maxBucket?: number;
  /** Comparisons in larger buckets for each text, on average; beyond these they are skipped. Default 20,000. */
  maxComparisons?: number;
  /** Of the MinHash signatures: another one misses other pairs. Default 0. */
  seed?: number;
  /** Threads; 0 works in this one. Default 1. */
  threads?: number;
  /** Program of the threads. */
  workerFile?: string;
  signal?: AbortSignal;
}

/** Two texts, a added before b. */
export interface TextPair {
  a: number;
  b: number;
  /** Jaccard similarity of their shingle sets; 1 for equal texts. */
  similarity: number;
}

export interface NearTexts {
  /**
   * By a, then b. Of equal texts each is paired with the first only, and only the first with similar texts. Of large families
   * some pairs are left out, but never such that a family falls apart.
   */
  pairs: TextPair[];
  /** Comparisons that were left out, because there were too many: families may lack what only these would have shown. */
  skipped: number;
}

/**
 * Finds texts that are equal or nearly so: MinHash signatures of character shingles, banded locality-sensitive hashing, and
 * the exact Jaccard similarity of every candidate. The result is the same for any number of threads.
 *
 * @param store texts, in the view in which they are to be compared; one without characters is like no other
 * @throws USAGE when an option is out of range
 * @throws INTERRUPTED when the signal is aborted
 * @see Broder 1997, "On the resemblance and containment of documents"; Indyk & Motwani 1998, "Approximate nearest neighbors"
 */
export async function findNearTexts(store: TextStore, options: NearTextOptions = {}): Promise<NearTexts> {
  const { threshold = 0.8, shingleLength = 5, numHashes = 256, recall = 0.995 } = options;
  const { maxBucket = 64, maxComparisons = 20_000, seed = 0 } = options;
  if (!Number.isInteger(shingleLength) || shingleLength < 1 || numHashes < 128 || numHashes % 128 !== 0)
    throw new AssayError(
      'USAGE',
      `Shingles of ${shingleLength} characters and ${numHashes} hashes; expected an integer ≥ 1 and a multiple of 128. Fix: change them.`,
    );
  const bands = chooseBands(threshold, numHashes, recall);
  const texts = store.texts();
  const { text_N, copies } = distinctTexts(texts);
  const size = bands.bands * text_N.length;
  const search: LshSearch = {
    ...{ ...bands, texts, text_N, numHashes, shingleLength, threshold, maxBucket, maxComparisons, seed },
    hash_BN: new Uint32Array(new SharedArrayBuffer(4 * size)),
    order_BN: new Uint32Array(new SharedArrayBuffer(4 * size)),
    crowd_N: new Uint32Array(new SharedArrayBuffer(4 * text_N.length)),
  };
  const found = await runAll(search, options);
  const ofCopies = copies.map(({ first, copy }): TextPair => ({ a: first, b: copy, similarity: 1 }));
  return {
    pairs: [...pairsOf(found), ...ofCopies].sort((x, y) => x.a - y.a || x.b - y.b),
    skipped: found.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

const STRETCH = 4096;

async function runAll(search: LshSearch, options: NearTextOptions): Promise<PairColumns[]> {
  const N = search.text_N.length;
  const stretches = Array.from({ length: Math.ceil(N / STRETCH) }, (_, i): SearchTask => ({
    ...{ kind: 'hash', from: i * STRETCH },
    to: Math.min(N, (i + 1) * STRETCH),
  }));
  const perBand = (kind: 'sort' | 'search'): SearchTask[] =>
    Array.from({ length: search.bands }, (_, band) => ({ kind, band }));
  await using runner = new TaskRunner(search, options);
  await runner.run(stretches);
  await runner.run(perBand('sort'));
  const crowds = findCrowds(search).sort((x, y) => y.length - x.length); // what takes long begins first
  const ofCrowds = crowds.map((items): SearchTask => ({ kind: 'crowd', items }));
  return await runner.run([...ofCrowds, ...perBand('search')]); // not without await: the threads would end before
}

/** Every pair comes from one task. */
function* pairsOf(found: readonly PairColumns[]): Generator<TextPair> {
  for (const { a, b, similarity } of found)
    for (const [i, first] of a.entries()) yield { a: first, b: b[i] ?? 0, similarity: similarity[i] ?? 0 };
}

/** Gives tasks to threads, the next one to each that is done. */
class TaskRunner {
  readonly #search: LshSearch;
  readonly #workers: Worker[];
  readonly #signal: AbortSignal | undefined;

  constructor(search: LshSearch, { threads = 1, workerFile, signal }: NearTextOptions) {
    this.#search = search;
    this.#signal = signal;
    const file = workerFile ?? join(__dirname, 'near-texts-worker.js');
    this.#workers = Array.from({ length: threads }, () => new Worker(file, { workerData: search }));
  }

  /** @returns what the tasks gave, in their order */
  async run(tasks: readonly SearchTask[]): Promise<PairColumns[]> {
    const results = new Array<PairColumns | undefined>(tasks.length);
    let next = 0;
    const drain = async (run: (task: SearchTask) => Promise<PairColumns | undefined>): Promise<void> => {
      for (let i = next++; i < tasks.length; i = next++) {
        throwIfInterrupted(this.#signal);
        results[i] = await run(tasks[i] as SearchTask); // i is in range
      }
    };
    if (this.#workers.length === 0) await drain((task) => this.#runHere(task));
    else await Promise.all(this.#workers.map((worker) => drain((task) => this.#askWorker(worker, task))));
    return results.filter((result) => result !== undefined);
  }

  /** Lets other work of the thread have its turn, a signal of the user for one. */
  async #runHere(task: SearchTask): Promise<PairColumns | undefined> {
    const work = runTask(this.#search, task);
    for (;;) {
      await setImmediate();
      throwIfInterrupted(this.#signal);
      const step = work.next();
      if (step.done === true) return step.value;
    }
  }

  async #askWorker(worker: Worker, task: SearchTask): Promise<PairColumns | undefined> {
    const answer = once(worker, 'message', { signal: this.#signal }); // or its error
    worker.postMessage(task);
    const [columns] = (await answer.catch((error: unknown) => {
      throwIfInterrupted(this.#signal);
      throw error;
    })) as [PairColumns | undefined]; // what the task gives
    return columns;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
