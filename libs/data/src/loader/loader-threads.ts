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
  /** Why no thread takes a job any more. */
  #ended: AssayError | undefined;

  /** @param file program of the threads */
  constructor(count: number, data: LoaderWorkerData, file = LOADER_WORKER) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(file, { workerData: data });
      worker.on('message', (done: BatchDone) => this.#settle(done));
      worker.on('error', (error) => this.#end(threadEnded(error.message, error)));
      worker.on('exit', (status) => this.#end(threadEnded(`its exit status was ${status}`)));
      worker.unref();
      return worker;
    });
  }

  /**
   * Resolves when the batch is in its slot.
   *
   * @throws INTERNAL when a thread has ended, now or before
   * @throws USAGE when the threads were stopped
   */
  run(job: BatchJob): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const worker = this.#workers[this.#next++ % this.#workers.length];
    return new Promise((resolve, reject) => {
      this.#waiting.set(job.batch, { resolve, reject });
      worker?.ref(); // a process that waits for a batch must not end
      worker?.postMessage(job);
    });
  }

  /** Batches that are waited for fail with USAGE. */
  async stop(): Promise<void> {
    this.#end(new AssayError('USAGE', 'The loader was closed. Fix: close it after its last batch.'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #settle({ batch, failure }: BatchDone): void {
    const waiting = this.#waiting.get(batch);
    this.#waiting.delete(batch);
    if (this.#waiting.size === 0) for (const worker of this.#workers) worker.unref();
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(new AssayError(failure.code as AssayErrorCode, failure.message)); // it came from an AssayError
  }

  #end(error: AssayError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

const threadEnded = (why: string, cause?: unknown): AssayError =>
  new AssayError('INTERNAL', `A thread of the loader ended: ${why}.`, { cause });
