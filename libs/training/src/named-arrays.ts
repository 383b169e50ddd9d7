import { AssayError } from '@assay/core';
import type { SafeTensor } from '@assay/data';

/** float32 values by name, row-major. */
export type NamedArrays = Record<string, Float32Array>;

/** The arrays as tensors of one file, each name with a prefix. */
export function packed(arrays: NamedArrays, prefix: string): Record<string, SafeTensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [
      prefix + name,
      { dtype: 'F32' as const, shape: [data.length], data },
    ]),
  );
}

/**
 * The arrays of a file whose names start with a prefix, without it.
 *
 * @throws FILE_CORRUPT when one is not float32
 */
export function unpacked(tensors: Record<string, SafeTensor>, prefix: string): NamedArrays {
  const arrays: NamedArrays = {};
  for (const [name, { data, dtype }] of Object.entries(tensors)) {
    if (!name.startsWith(prefix)) continue;
    if (!(data instanceof Float32Array)) {
      throw new AssayError(
        'FILE_CORRUPT',
        `Tensor '${name}' must be F32; got ${dtype}. Fix: delete the checkpoint; training then starts from the first epoch.`,
      );
    }
    arrays[name.slice(prefix.length)] = data;
  }
  return arrays;
}
