import { existsSync } from 'node:fs';
import { appendFile, copyFile, link, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@assay/core';
import {
  stackRows,
  type InputArray,
  type InputName,
  type InputSpecs,
  type ModelInputs,
} from '@assay/preprocess';
import { recordsPath, type PreparedRecord } from './prepared-record.js';
import { writeSafetensors, type SafeTensor, type SafeTensorDtype } from './safetensors.js';
import type { Split } from './split-key.js';

const DTYPES: Record<InputArray['dtype'], SafeTensorDtype> = { float32: 'F32', int32: 'I32', uint8: 'U8' };

interface SplitWriterOptions {
  dir: string;
  /** Where finished shards lie until all are done: a later writer of the same records takes them over. */
  workDir: string;
  split: Split;
  specs: InputSpecs;
  /** Rows of a shard; fewer where they would make it too large. */
  shardRows: number;
}

/** A shard must be read as one buffer; this is far below the 2 GiB that Node reads at once. */
const MAX_SHARD_BYTES = 2 ** 28;
const VALUE_BYTES: Record<InputArray['dtype'], number> = { float32: 4, int32: 4, uint8: 1 };

/** Rows of a shard: as many as wished, unless that makes it too large. */
export function rowsPerShard(specs: InputSpecs, wished: number): number {
  const rowBytes = Object.values(specs).reduce(
    (sum, { dtype, shape }) => sum + shape.reduce((product, axis) => product * axis, VALUE_BYTES[dtype]),
    0,
  );
  return Math.max(1, Math.min(wished, Math.floor(MAX_SHARD_BYTES / rowBytes)));
}

/** Path of a shard in a stage directory. */
export const shardPath = (dir: string, split: Split, shard: number): string =>
  join(dir, 'shards', `${split}-${String(shard).padStart(5, '0')}.safetensors`);

const partPath = (workDir: string, split: Split, shard: number): string =>
  join(workDir, 'records', `${split}-${String(shard).padStart(5, '0')}.jsonl`);

/**
 * Writes the records of one split, in the order of the calls: encoded inputs to shards, the rest to a JSONL file. What an
 * earlier writer finished before it was killed is taken over.
 */
export class SplitWriter {
  readonly #options: SplitWriterOptions;
  readonly #shardRows: number;
  #rows: { inputs: ModelInputs; record: PreparedRecord }[] = [];
  /** Rows that were counted. */
  #position = 0;
  /** Whether the shard of the last counted row is there. */
  #takesOver = false;
  /** Shards that are still to be written, of the rows that were counted. */
  readonly #pending: number[] = [];

  constructor(options: SplitWriterOptions) {
    this.#options = options;
    this.#shardRows = rowsPerShard(options.specs, options.shardRows);
  }

  /** Counts the next record. @returns whether it lies in a finished shard and need not be written */
  next(): boolean {
    const { workDir, split } = this.#options;
    if (this.#position % this.#shardRows === 0) {
      const shard = this.#position / this.#shardRows;
      this.#takesOver = existsSync(shardPath(workDir, split, shard));
      if (!this.#takesOver) this.#pending.push(shard);
    }
    this.#position++;
    return this.#takesOver;
  }

  /**
   * Writes a record for which `next` was called and said no.
   *
   * @param inputs encoded record with B = 1
   */
  async write(inputs: ModelInputs, record: PreparedRecord): Promise<void> {
    this.#rows.push({ inputs, record });
    if (this.#rows.length === this.#shardRows) await this.#flush();
  }

  /** Writes what is left, and puts the whole split into its place. */
  async close(): Promise<void> {
    if (this.#rows.length > 0) await this.#flush();
    const { dir, workDir, split } = this.#options;
    const records = recordsPath(dir, split);
    await mkdir(dirname(records), { recursive: true });
    await mkdir(join(dir, 'shards'), { recursive: true });
    for (let shard = 0; shard * this.#shardRows < this.#position; shard++) {
      await linkOrCopy(shardPath(workDir, split, shard), shardPath(dir, split, shard));
      await appendFile(records, await readFile(partPath(workDir, split, shard)));
    }
  }

  /** The records first: a shard that is there has its records. */
  async #flush(): Promise<void> {
    const { workDir, split, specs } = this.#options;
    const rows = this.#rows;
    this.#rows = [];
    const shard = this.#pending.shift() ?? 0;
    const firstRow = shard * this.#shardRows;
    const lines = rows.map(({ record }) => `${JSON.stringify(record)}\n`).join('');
    await writeFileAtomic(partPath(workDir, split, shard), lines);
    const inputs = stackRows(
      specs,
      rows.map((row) => row.inputs),
    );
    const tensors: Record<string, SafeTensor> = {
      ...labelTensors(rows.map(({ record }) => record)),
      ...lengthTensor(inputs),
      row_B: {
        dtype: 'I32',
        shape: [rows.length],
        data: Int32Array.from(rows, (_, row) => firstRow + row),
      },
    };
    for (const [name, { dtype, shape, data }] of Object.entries(inputs) as [InputName, InputArray][]) {
      // the keys of ModelInputs
      tensors[name] = { dtype: DTYPES[dtype], shape, data };
    }
    await writeSafetensors(shardPath(workDir, split, shard), tensors);
  }
}

/** The file stays in its first place, for a run that is killed before the directory is complete. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to)); // not every file system has links
}

/** Number of tokens of each record, where it has text. */
function lengthTensor({ mask_BL }: ModelInputs): Record<string, SafeTensor> {
  if (mask_BL === undefined) return {};
  const [B = 0, L = 0] = mask_BL.shape;
  const lengthOf = (row: number): number =>
    Array.from(mask_BL.data.subarray(row * L, (row + 1) * L)).reduce((sum, kept) => sum + kept, 0);
  return {
    length_B: { dtype: 'I32', shape: [B], data: Int32Array.from({ length: B }, (_, row) => lengthOf(row)) },
  };
}

function labelTensors(records: readonly PreparedRecord[]): Record<string, SafeTensor> {
  const shape = [records.length, records[0]?.labels.length ?? 0];
  const labels = records.flatMap((record) => record.labels);
  return {
    label_BK: { dtype: 'F32', shape, data: Float32Array.from(labels, (label) => label ?? 0) },
    labelKnown_BK: {
      dtype: 'F32',
      shape,
      data: Float32Array.from(labels, (label) => Number(label !== null)),
    },
    weight_B: {
      dtype: 'F32',
      shape: [records.length],
      data: Float32Array.from(records, ({ weight }) => weight),
    },
  };
}
