import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AssayError, type AssayErrorCode } from '@assay/core';
import type { BatchJob } from './assemble-batch.js';
import type { BatchDone, LoaderWorkerData } from './loader-worker.js';

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Program of the threads. */
export const LOADER_WORKER = join(__dirname, 'loader-worker.js');

/** Threads that make batches. */
export class LoaderThreads {
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;

  /** @param file program of the threads */
  constructor(count: number, data: LoaderWorkerData, file = LOADER_WORKER) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(file, { workerData: data });
      worker.on('message', (done: BatchDone) => this.#settle(done));
      worker.on('error', (error) => this.#failAll(error));
      worker.unref();
      return worker;
    });
  }

  /** Resolves when the batch is in its slot. */
  run(job: BatchJob): Promise<void> {
    const worker = this.#workers[this.#next++ % this.#workers.length];
    return new Promise((resolve, reject) => {
      this.#waiting.set(job.batch, { resolve, reject });
      worker?.ref(); // a process that waits for a batch must not end
      worker?.postMessage(job);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #settle({ batch, failure }: BatchDone): void {
    const waiting = this.#waiting.get(batch);
    this.#waiting.delete(batch);
    if (this.#waiting.size === 0) for (const worker of this.#workers) worker.unref();
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(new AssayError(failure.code as AssayErrorCode, failure.message)); // it came from an AssayError
  }

  #failAll(cause: unknown): void {
    const error = new AssayError('INTERNAL', 'a thread of the loader ended', { cause });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
