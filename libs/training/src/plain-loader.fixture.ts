import { Random } from '@assay/core';
import type { LoaderSettings } from '@assay/data';
import type { TrainingLoader } from './train.js';
import type { TrainingBatch } from './training-session.js';

type MakeBatch = (rows: number[]) => TrainingBatch;

/** @param random shuffles; null leaves the rows in their order */
export function* inBatches(
  numRows: number,
  batchSize: number,
  random: Random | null,
  make: MakeBatch,
): Generator<TrainingBatch> {
  const rows = Array.from({ length: numRows }, (_, row) => row);
  const order = random === null ? rows : random.shuffle(rows);
  for (let start = 0; start < numRows; start += batchSize) yield make(order.slice(start, start + batchSize));
}

/** Shuffles by seed and epoch, and does nothing else that a loader may be asked for. */
export class PlainLoader implements TrainingLoader {
  readonly waitedMs = 0;

  constructor(
    private readonly numRows: number,
    private readonly settings: Pick<LoaderSettings, 'batchSize' | 'seed'>,
    private readonly make: MakeBatch,
  ) {}

  epoch(epoch: number): Iterable<TrainingBatch> {
    const { batchSize, seed } = this.settings;
    return inBatches(this.numRows, batchSize, new Random(seed, `order/${epoch}`), this.make);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
