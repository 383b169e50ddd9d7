import { AssayError } from '@assay/core';

/** Bits that are set in a byte. */
const BITS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/**
 * Number of bits in which two hashes differ.
 *
 * @throws SHAPE_MISMATCH when they have not the same length
 */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length)
    throw new AssayError(
      'SHAPE_MISMATCH',
      `Hashes of ${a.length} and ${b.length} bytes were compared. Fix: compare hashes of one kind.`,
    );
  let distance = 0;
  for (let i = 0; i < a.length; i++) distance += BITS[(a[i] ?? 0) ^ (b[i] ?? 0)] ?? 0;
  return distance;
}
