import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/** Writes the records of one split, in the order of the calls: encoded inputs to shards, the rest to a JSONL file. */
export class SplitWriter {
  readonly #options: SplitWriterOptions;
  readonly #shardRows: number;
  #rows: { inputs: ModelInputs; record: PreparedRecord }[] = [];
  #numShards = 0;
  #numRows = 0;

  constructor(options: SplitWriterOptions) {
    this.#options = options;
    this.#shardRows = rowsPerShard(options.specs, options.shardRows);
  }

  /** @param inputs encoded record with B = 1 */
  async write(inputs: ModelInputs, record: PreparedRecord): Promise<void> {
    this.#rows.push({ inputs, record });
    if (this.#rows.length === this.#shardRows) await this.#flush();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    if (this.#rows.length > 0) await this.#flush();
  }

  async #flush(): Promise<void> {
    const { dir, split, specs } = this.#options;
    const rows = this.#rows;
    this.#rows = [];
    const path = recordsPath(dir, split);
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, rows.map(({ record }) => `${JSON.stringify(record)}\n`).join(''));
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
        data: Int32Array.from(rows, (_, row) => this.#numRows + row),
      },
    };
    this.#numRows += rows.length;
    for (const [name, { dtype, shape, data }] of Object.entries(inputs) as [InputName, InputArray][]) {
      // the keys of ModelInputs
      tensors[name] = { dtype: DTYPES[dtype], shape, data };
    }
    await writeSafetensors(shardPath(dir, split, this.#numShards++), tensors);
  }
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
