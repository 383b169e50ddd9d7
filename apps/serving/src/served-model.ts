import type { OperatingPoints } from '@assay/policy';
import type { ContentRecord, InputSpecs, ModelInputs } from '@assay/preprocess';
import type { Labels, RecordSchema } from '@assay/registry';
import type { BatchingQueue } from './batching-queue.js';

/** A model that has passed every check and may take requests. */
export interface ServedModel {
  name: string;
  /** Version in the registry, or `local` for a bundle that was not pulled from one. */
  version: string;
  /** SHA-256 of the bundle's manifest: names the exact bytes that decide. */
  manifestDigest: string;
  labels: Labels;
  recordSchema: RecordSchema;
  operatingPoints: OperatingPoints;
  inputSpecs: InputSpecs;
  /** Sizes of the axes after B of each output. */
  outputShapes: Record<string, readonly number[]>;
  /** Most records in one request. */
  maxBatch: number;
  encode(records: readonly ContentRecord[]): Promise<ModelInputs>;
  queue: BatchingQueue;
}

/** Where the routes find the model; empty until the model is ready, and exchanged in one step. */
export interface ModelSlot {
  current: ServedModel | undefined;
}
