import type { ShardRows } from '../shard-rows.js';
import { augmentBatch, type BatchAugmentation } from './augment-batch.js';
import type { SlotArray, SlotLayout } from './batch-layout.js';

/** A batch to be put into a slot. */
export interface BatchJob {
  batch: number;
  slot: SharedArrayBuffer;
  rows: Uint32Array;
  epoch: number;
  /** Place of the first row in the epoch. */
  first: number;
  /** Number of tokens that each text is cut to; all of them when it is undefined. */
  numTokens: number | undefined;
}

/** Copies the rows of a batch from the shards to its slot. Whatever thread does it, the bytes are the same. */
export function assembleBatch(
  shards: ShardRows,
  layout: SlotLayout,
  job: BatchJob,
  augmentation?: BatchAugmentation,
): void {
  for (const array of layout.arrays) {
    const target = new Uint8Array(job.slot, array.offset, job.rows.length * array.rowBytes);
    shards.read(array.name, job.rows, target);
    if (array.isTokens && job.numTokens !== undefined) shorten(target, array, job.rows.length, job.numTokens);
  }
  if (augmentation !== undefined) augmentBatch(layout, job, augmentation);
}

/** Moves the first tokens of every row together: [B, L] → [B, numTokens]. */
function shorten(
  bytes: Uint8Array,
  { shape: [L = 1], rowBytes }: SlotArray,
  numRows: number,
  numTokens: number,
): void {
  const kept = (rowBytes / L) * numTokens;
  for (let row = 1; row < numRows; row++) bytes.copyWithin(row * kept, row * rowBytes, row * rowBytes + kept);
}
