import { existsSync } from 'node:fs';
import { throwIfInterrupted } from '@assay/core';
import { FEATURES_PER_COLUMN, type PreprocessorState } from '@assay/preprocess';
import { ShardRows } from '../shard-rows.js';
import { SPLITS } from '../split-key.js';
import { shardPath } from '../split-writer.js';
import type { MissingValues } from './missing-values.js';
import { LengthCounts, type LengthSummary } from './text-lengths.js';

/** What the encoded texts say. */
export interface TokenFacts {
  /** Tokens of a record; null when no record has any. */
  lengths: LengthSummary | null;
  /** Most tokens that the model is given. */
  maxTokens: number;
  /** Records with that many: longer texts were cut. */
  full: number;
}

/** Id of a category that is missing. */
const MISSING_CATEGORY = 0;

/**
 * Reads from the shards what the records do not say: which numbers and categories are missing, and how many tokens texts have.
 *
 * @param missing where missing values are counted
 * @returns null when the pipeline has no text input
 */
export function readEncodedFacts(
  dir: string,
  { text, numeric, categorical }: Pick<PreprocessorState, 'text' | 'numeric' | 'categorical'>,
  { missing, signal }: { missing: MissingValues; signal?: AbortSignal | undefined },
): TokenFacts | null {
  const lengths = new LengthCounts();
  const maxTokens = text?.maxTokens ?? 0;
  let full = 0;
  for (const split of SPLITS) {
    for (let shard = 0; existsSync(shardPath(dir, split, shard)); shard++) {
      throwIfInterrupted(signal);
      using rows = ShardRows.open([shardPath(dir, split, shard)]);
      const numeric_BF = new Float32Array(bytesOf(rows, 'numeric_BF'));
      const F = numeric_BF.length / rows.numRows;
      const category_BC = new Int32Array(bytesOf(rows, 'category_BC'));
      const C = categorical.columns.length;
      for (let b = 0; b < rows.numRows; b++) {
        for (const [column, { name }] of numeric.columns.entries())
          missing.count('numeric', name, split, numeric_BF[b * F + FEATURES_PER_COLUMN * column + 1] === 1);
        for (const [c, { name }] of categorical.columns.entries())
          missing.count('categorical', name, split, category_BC[b * C + c] === MISSING_CATEGORY);
      }
      for (const length of new Int32Array(bytesOf(rows, 'length_B'))) {
        if (length > 0) lengths.add(length);
        if (length === maxTokens && length > 0) full++;
      }
    }
  }
  return text === null ? null : { lengths: lengths.summary(), maxTokens, full };
}

/** The whole array of a shard; nothing when it has none of that name. */
function bytesOf(shard: ShardRows, name: string): ArrayBuffer {
  const { rowBytes } = shard.arrays.get(name) ?? { rowBytes: 0 };
  const bytes = new Uint8Array(shard.numRows * rowBytes);
  if (rowBytes > 0)
    shard.read(
      name,
      Array.from({ length: shard.numRows }, (_, row) => row),
      bytes,
    );
  return bytes.buffer;
}
