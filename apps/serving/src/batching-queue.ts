import { setImmediate as nextTurn } from 'node:timers/promises';
import { AssayError } from '@assay/core';
import type { ModelInputs } from '@assay/preprocess';
import { concatenateInputs, countRows, type ModelOutput } from '@assay/registry';
import type { ModelRunner } from './model-runner.js';

type Outputs = Record<string, ModelOutput>;

interface Waiting {
  inputs: ModelInputs;
  rows: number;
  resolve: (outputs: Outputs) => void;
  reject: (error: unknown) => void;
}

interface QueueLimits {
  /** Most records in one call of the model. */
  maxBatch: number;
  /** Most records that may wait; more are refused. */
  maxWaitingRows: number;
}

/** Joins requests that wait at the same time into one call of the model, and refuses work beyond its bound. */
export class BatchingQueue {
  readonly #runner: ModelRunner;
  readonly #limits: QueueLimits;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(runner: ModelRunner, limits: QueueLimits) {
    this.#runner = runner;
    this.#limits = limits;
  }

  /**
   * Runs the model on records, together with the records of other callers.
   *
   * @returns the outputs of these records alone, in their order
   * @throws OVERLOADED when too many records wait already
   * @throws REQUEST_INVALID when there are more records than one batch holds
   * @throws NOT_READY after close
   */
  async infer(inputs: ModelInputs): Promise<Outputs> {
    const rows = countRows(inputs);
    const { maxBatch, maxWaitingRows } = this.#limits;
    if (this.#closed)
      throw new AssayError('NOT_READY', 'The model is being unloaded. Fix: send the request again.');
    if (rows > maxBatch) {
      throw new AssayError(
        'REQUEST_INVALID',
        `The request has ${rows} records; at most ${maxBatch} are allowed. Fix: split it.`,
      );
    }
    if (this.#waitingRows + rows > maxWaitingRows) {
      throw new AssayError(
        'OVERLOADED',
        `${this.#waitingRows} records wait already. Fix: send the request again later.`,
      );
    }
    const result = new Promise<Outputs>((resolve, reject) =>
      this.#waiting.push({ inputs, rows, resolve, reject }),
    );
    this.#waitingRows += rows;
    this.#working ??= this.#work();
    return result;
  }

  /** Answers everything that waits, then refuses further work. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    await nextTurn(); // requests that arrive in the same turn share a batch
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#runTogether(batch);
      } catch {
        for (const one of batch) await this.#runTogether([one]).catch(one.reject); // so that only the culprit fails
      }
    }
    this.#working = undefined;
  }

  #takeBatch(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const { rows: more } of this.#waiting) {
      if (rows + more > this.#limits.maxBatch) break;
      rows += more;
      count += 1;
    }
    this.#waitingRows -= rows;
    return this.#waiting.splice(0, count);
  }

  async #runTogether(batch: readonly Waiting[]): Promise<void> {
    const outputs = await this.#runner.infer(concatenateInputs(batch.map(({ inputs }) => inputs)));
    let from = 0;
    for (const { rows, resolve } of batch) {
      resolve(sliceRows(outputs, from, from + rows));
      from += rows;
    }
  }
}

function sliceRows(outputs: Outputs, from: number, to: number): Outputs {
  const slices = Object.entries(outputs).map(([name, { shape, data }]): [string, ModelOutput] => {
    const size = shape.slice(1).reduce((product, dim) => product * dim, 1);
    return [name, { shape: [to - from, ...shape.slice(1)], data: data.slice(from * size, to * size) }];
  });
  return Object.fromEntries(slices);
}
