/** Bits of a 32-bit word that are set. @see Warren 2012, "Hacker's delight", section 5-1 */
export function countBits(word: number): number {
  let x = (word - ((word >>> 1) & 0x55555555)) | 0; // stays an integer of 32 bits, which is faster
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}
