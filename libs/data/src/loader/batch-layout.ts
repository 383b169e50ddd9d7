import type { SafeTensorDtype } from '../safetensors.js';
import type { ShardRows } from '../shard-rows.js';

/** One array of a batch in its slot of shared memory. */
export interface SlotArray {
  name: string;
  dtype: Exclude<SafeTensorDtype, 'I64'>;
  /** Shape of one row. */
  shape: readonly number[];
  rowBytes: number;
  /** Of its first byte in the slot. */
  offset: number;
  /** Whether its first axis is cut to the longest text of the batch. */
  isTokens: boolean;
}

/** How a batch lies in a slot. */
export interface SlotLayout {
  arrays: SlotArray[];
  byteLength: number;
}

/** Arrays of tokens, whose axis L is cut to the longest text. */
const TOKENS: ReadonlySet<string> = new Set(['token_BL', 'mask_BL']);
/** Vector instructions want their operands at such addresses. */
const ALIGNMENT = 64;

/**
 * Places for arrays of up to `batchSize` rows.
 *
 * @param names of the arrays; those that the shards lack are left out
 */
export function layoutOfSlot(rows: ShardRows, batchSize: number, names: readonly string[]): SlotLayout {
  let byteLength = 0;
  const arrays = [...rows.arrays].flatMap(([name, { dtype, shape, rowBytes }]): SlotArray[] => {
    if (dtype === 'I64' || !names.includes(name)) return [];
    const offset = byteLength;
    byteLength += Math.ceil((batchSize * rowBytes) / ALIGNMENT) * ALIGNMENT;
    return [{ name, dtype, shape, rowBytes, offset, isTokens: TOKENS.has(name) }];
  });
  return { arrays, byteLength };
}
