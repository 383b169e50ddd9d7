import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError, readJson, readManifest, verifyManifest, type Manifest } from '@assay/core';
import {
  Preprocessor,
  type InputArray,
  type InputName,
  type InputSpec,
  type ModelInputs,
} from '@assay/preprocess';
import { z } from 'zod';
import { PreparedLoader, type LoaderSettings } from './loader/prepared-loader.js';
import { loadRecordKeys, loadRecords, type PreparedRecord, type RecordKey } from './prepared-record.js';
import { ShardRows } from './shard-rows.js';
import { SPLITS, type Split } from './split-key.js';
import { shardPath } from './split-writer.js';

/** What the model is fed with in one step, and what it should answer. */
export interface Batch {
  /** Ids of the records, in the order of the axis B. */
  ids: string[];
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

export interface BatchOptions {
  batchSize: number;
}

const labelsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.enum(['multi-label', 'multi-class']),
  names: z.array(z.string().min(1)).min(1),
  /** Whether the classes are levels from low to high. */
  ordered: z.boolean(),
});
type PreparedLabels = Omit<z.infer<typeof labelsSchema>, 'schemaVersion'>;

const summarySchema = z.object({
  splits: z.record(z.enum(SPLITS), z.int().min(0)),
  leaky: z.boolean(),
});

interface PreparedFacts {
  dir: string;
  digest: string;
  manifest: Manifest;
  preprocessor: Preprocessor;
  labels: PreparedLabels;
  summary: z.infer<typeof summarySchema>;
}

/**
 * What `prepareStage` wrote. Records of a split are read at their first use and kept, for training only what `keys` gives;
 * encoded inputs are not.
 */
export class PreparedData {
  readonly #records = new Map<Split, PreparedRecord[]>();
  readonly #keys = new Map<Split, RecordKey[]>();

  readonly dir: string;
  /** SHA-256 of the manifest. */
  readonly digest: string;
  readonly manifest: Manifest;
  readonly preprocessor: Preprocessor;
  readonly labels: PreparedLabels;
  /** Whether splits share groups; a model of leaky data cannot be promoted. */
  readonly leaky: boolean;
  readonly #sizes: Record<Split, number>;

  private constructor({ dir, digest, manifest, preprocessor, labels, summary }: PreparedFacts) {
    this.dir = dir;
    this.digest = digest;
    this.manifest = manifest;
    this.preprocessor = preprocessor;
    this.labels = labels;
    this.leaky = summary.leaky;
    this.#sizes = summary.splits;
  }

  /**
   * Opens a directory of prepared data and checks that its files have the sizes of its manifest.
   *
   * @throws STAGE_INPUT_MISSING when nothing was prepared there
   * @throws FILE_CORRUPT when a file is missing or damaged
   */
  static async open(dir: string): Promise<PreparedData> {
    const { manifest, digest } = await readManifest(dir);
    await verifyManifest(dir, 'size');
    const summary = summarySchema.safeParse(manifest.summary);
    const labels = labelsSchema.safeParse(await readJson(join(dir, 'labels.json')));
    if (manifest.stage !== 'prepare' || !summary.success || !labels.success) {
      throw new AssayError(
        'FILE_CORRUPT',
        `${dir} does not hold prepared data of this version (its stage is '${manifest.stage}'). Fix: run prepare again with --force.`,
        { details: { dir } },
      );
    }
    const preprocessor = Preprocessor.fromJSON(await readJson(join(dir, 'preprocessor.json')));
    const { kind, names, ordered } = labels.data;
    return new PreparedData({
      dir,
      digest,
      manifest,
      preprocessor,
      labels: { kind, names, ordered },
      summary: summary.data,
    });
  }

  numRows(split: Split): number {
    return this.#sizes[split];
  }

  /** Ids, texts, labels, groups and slices of a split, in the order of the source. */
  records(split: Split): readonly PreparedRecord[] {
    const records = this.#records.get(split) ?? loadRecords(this.dir, split);
    this.#records.set(split, records);
    return records;
  }

  /** Ids, labels and sources of a split, in the order of the source, without the rest of its records. */
  keys(split: Split): readonly RecordKey[] {
    const keys = this.#keys.get(split) ?? loadRecordKeys(this.dir, split);
    this.#keys.set(split, keys);
    return keys;
  }

  /**
   * Opens a loader of training batches.
   *
   * @throws FILE_NOT_FOUND, FILE_CORRUPT when a shard is missing or damaged
   * @throws USAGE when the settings do not fit the records
   */
  openLoader(split: Split, settings: LoaderSettings): PreparedLoader {
    const { inputSpecs } = this.preprocessor;
    return new PreparedLoader(
      { paths: this.#shardsOf(split), inputSpecs, records: this.keys(split) },
      settings,
    );
  }

  /**
   * Yields a split batch by batch, each record once, in the order of the source. One batch is in memory at a time.
   *
   * @throws FILE_CORRUPT when a shard is damaged
   * @throws USAGE when the size of a batch is no whole number of 1 or more
   */
  async *batches(split: Split, { batchSize }: BatchOptions): AsyncGenerator<Batch> {
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new AssayError(
        'USAGE',
        `A batch of ${batchSize} records is none. Fix: give a whole number of 1 or more.`,
      );
    const records = this.keys(split);
    using shards = ShardRows.open(this.#shardsOf(split));
    if (shards.numRows !== this.#sizes[split])
      throw new AssayError(
        'FILE_CORRUPT',
        `The shards of ${split} in ${this.dir} hold ${shards.numRows} rows; its manifest says ${this.#sizes[split]}. Fix: run prepare again with --force.`,
      );
    for (let start = 0; start < shards.numRows; start += batchSize) {
      const rows = Uint32Array.from(
        { length: Math.min(batchSize, shards.numRows - start) },
        (_, i) => start + i,
      );
      yield await Promise.resolve(this.#batchOf(shards, rows, records));
    }
  }

  #batchOf(shards: ShardRows, rows: Uint32Array, records: readonly RecordKey[]): Batch {
    const inputs: ModelInputs = {};
    for (const [name, { dtype, shape }] of Object.entries(this.preprocessor.inputSpecs) as [
      InputName,
      InputSpec,
    ][]) {
      // the keys of InputSpecs
      const data = newArray(
        dtype,
        shape.reduce((product, axis) => product * axis, rows.length),
      );
      shards.read(name, rows, new Uint8Array(data.buffer));
      inputs[name] = { dtype, shape: [rows.length, ...shape], data };
    }
    const floats = (name: string): Float32Array => {
      const data = new Float32Array(rows.length * ((shards.arrays.get(name)?.rowBytes ?? 0) / 4));
      shards.read(name, rows, new Uint8Array(data.buffer));
      return data;
    };
    return {
      ids: Array.from(rows, (row) => records[row]?.id ?? ''),
      inputs,
      label_BK: floats('label_BK'),
      labelKnown_BK: floats('labelKnown_BK'),
      weight_B: floats('weight_B'),
      size: rows.length,
    };
  }

  #shardsOf(split: Split): string[] {
    const paths: string[] = [];
    for (let shard = 0; existsSync(shardPath(this.dir, split, shard)); shard++)
      paths.push(shardPath(this.dir, split, shard));
    return paths;
  }
}

function newArray(dtype: InputArray['dtype'], length: number): InputArray['data'] {
  if (dtype === 'float32') return new Float32Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}
