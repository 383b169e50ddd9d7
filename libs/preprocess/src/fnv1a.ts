/** Start value of 32-bit FNV-1a. */
export const FNV1A_OFFSET = 0x811c9dc5;
const FNV1A_PRIME = 0x01000193;

/**
 * 32-bit FNV-1a of the bytes from `start` to before `end`.
 *
 * @param hash hash of the bytes before, to go on from: `fnv1a(b, …, fnv1a(a))` is the hash of a followed by b
 * @returns unsigned 32-bit integer
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv1a(bytes: Uint8Array, start = 0, end = bytes.length, hash = FNV1A_OFFSET): number {
  let value = hash;
  for (let i = start; i < end; i++) value = Math.imul(value ^ (bytes[i] ?? 0), FNV1A_PRIME);
  return value >>> 0;
}
