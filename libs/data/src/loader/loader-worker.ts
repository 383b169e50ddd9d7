import { parentPort, workerData } from 'node:worker_threads';
import { AssayError } from '@assay/core';
import { ShardRows } from '../shard-rows.js';
import { assembleBatch, type BatchJob } from './assemble-batch.js';
import type { BatchAugmentation } from './augment-batch.js';
import type { SlotLayout } from './batch-layout.js';

/** What a thread of a loader begins with. */
export interface LoaderWorkerData {
  paths: string[];
  layout: SlotLayout;
  augmentation: BatchAugmentation | undefined;
}

/** What it answers to a job. */
export interface BatchDone {
  batch: number;
  /** Why the batch could not be made. */
  failure?: { code: string; message: string };
}

const { paths, layout, augmentation } = workerData as LoaderWorkerData; // the loader gives it
let shards: ShardRows | undefined;

parentPort?.on('message', (job: BatchJob) => {
  parentPort?.postMessage(answer(job));
});

function answer(job: BatchJob): BatchDone {
  try {
    shards ??= ShardRows.open(paths); // here, so that its errors are answers
    assembleBatch(shards, layout, job, augmentation);
    return { batch: job.batch };
  } catch (error) {
    const code = error instanceof AssayError ? error.code : 'INTERNAL';
    return {
      batch: job.batch,
      failure: { code, message: error instanceof Error ? error.message : String(error) },
    };
  }
}
