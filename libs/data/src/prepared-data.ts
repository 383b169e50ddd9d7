import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError, readJson, readManifest, verifyManifest, type Manifest, type Random } from '@assay/core';
import {
  Preprocessor,
  type InputArray,
  type InputName,
  type InputSpec,
  type ModelInputs,
} from '@assay/preprocess';
import { z } from 'zod';
import { loadRecords, type PreparedRecord } from './prepared-record.js';
import { readSafetensors, type SafeTensor } from './safetensors.js';
import { SPLITS, type Split } from './split-key.js';
import { shardPath } from './split-writer.js';
import { concatenateRows, takeRows } from './tensor-rows.js';

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
  /** Shuffles the split; without it the order is that of the source. */
  random?: Random;
  /** Leaves out the last batch when it is smaller than the others. */
  dropRemainder?: boolean;
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

/** All arrays of one split. */
type SplitArrays = Record<string, SafeTensor>;

/** What `prepareStage` wrote. A split is read whole at its first use and then kept in memory. */
export class PreparedData {
  readonly #splits = new Map<Split, Promise<SplitArrays>>();
  readonly #records = new Map<Split, PreparedRecord[]>();

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

  /**
   * Yields a split batch by batch, each record once.
   *
   * @throws FILE_CORRUPT when a shard is damaged
   */
  async *batches(
    split: Split,
    { batchSize, random, dropRemainder = false }: BatchOptions,
  ): AsyncGenerator<Batch> {
    const arrays = await this.#arraysOf(split);
    const records = this.records(split);
    const inOrder = records.map((_, row) => row);
    const order = random === undefined ? inOrder : random.shuffle(inOrder);
    for (let start = 0; start < order.length; start += batchSize) {
      const rows = order.slice(start, start + batchSize);
      if (dropRemainder && rows.length < batchSize) return;
      yield this.#batchOf(arrays, rows, records);
    }
  }

  #batchOf(arrays: SplitArrays, rows: readonly number[], records: readonly PreparedRecord[]): Batch {
    const inputs: ModelInputs = {};
    for (const [name, { dtype, shape }] of Object.entries(this.preprocessor.inputSpecs) as [
      InputName,
      InputSpec,
    ][]) {
      // the keys of InputSpecs
      inputs[name] = {
        dtype,
        shape: [rows.length, ...shape],
        data: takeRows(arrays[name], rows) as InputArray['data'],
      }; // shards hold no I64
    }
    const floats = (name: string): Float32Array => takeRows(arrays[name], rows) as Float32Array; // written as F32
    return {
      ids: rows.map((row) => records[row]?.id ?? ''),
      inputs,
      label_BK: floats('label_BK'),
      labelKnown_BK: floats('labelKnown_BK'),
      weight_B: floats('weight_B'),
      size: rows.length,
    };
  }

  #arraysOf(split: Split): Promise<SplitArrays> {
    const arrays = this.#splits.get(split) ?? this.#load(split);
    this.#splits.set(split, arrays);
    return arrays;
  }

  async #load(split: Split): Promise<SplitArrays> {
    const shards: SplitArrays[] = [];
    for (let shard = 0; existsSync(shardPath(this.dir, split, shard)); shard++) {
      shards.push((await readSafetensors(shardPath(this.dir, split, shard))).tensors);
    }
    const arrays: SplitArrays = {};
    for (const name of Object.keys(shards[0] ?? {})) {
      arrays[name] = concatenateRows(shards.flatMap((shard) => shard[name] ?? []));
      if (arrays[name].shape[0] !== this.#sizes[split]) {
        throw new AssayError(
          'FILE_CORRUPT',
          `The shards of ${split} in ${this.dir} hold ${arrays[name].shape[0]} rows of ${name}; its manifest says ${this.#sizes[split]}. Fix: run prepare again with --force.`,
        );
      }
    }
    return arrays;
  }
}
