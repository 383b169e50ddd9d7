import { AssayError } from '@assay/core';
import type { SafeTensor } from './safetensors.js';

/** Puts arrays below each other along their first axis. */
export function concatenateRows(parts: readonly SafeTensor[]): SafeTensor {
  const [first] = parts;
  if (first === undefined) throw new AssayError('INTERNAL', 'There is no array to concatenate.');
  if (parts.length === 1) return first;
  const length = parts.reduce((sum, { data }) => sum + data.length, 0);
  const data = emptyLike(first.data, length);
  let offset = 0;
  for (const part of parts) {
    data.set(part.data as never, offset); // all parts have the dtype of the first
    offset += part.data.length;
  }
  return {
    dtype: first.dtype,
    shape: [parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...first.shape.slice(1)],
    data,
  };
}

/** Copies rows of an array, in the order given. */
export function takeRows(tensor: SafeTensor | undefined, rows: readonly number[]): SafeTensor['data'] {
  if (tensor === undefined)
    throw new AssayError(
      'FILE_CORRUPT',
      'A shard lacks an array that its preprocessor makes. Fix: run prepare again with --force.',
    );
  const size = tensor.shape.slice(1).reduce((product, axis) => product * axis, 1);
  const taken = emptyLike(tensor.data, rows.length * size);
  for (const [b, row] of rows.entries())
    taken.set(tensor.data.subarray(row * size, (row + 1) * size) as never, b * size); // the same dtype
  return taken;
}

function emptyLike(data: SafeTensor['data'], length: number): SafeTensor['data'] {
  if (data instanceof Float32Array) return new Float32Array(length);
  if (data instanceof Int32Array) return new Int32Array(length);
  return data instanceof Uint8Array ? new Uint8Array(length) : new BigInt64Array(length);
}
