/**
 * A lossless WebP of one colour: five prefix codes of one symbol each, so that its pixels take no bits at all.
 *
 * @param width pixels, ≤ 16,384
 * @returns 38 bytes, however large the image
 * @see https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification
 */
export function emptyWebp(width: number, height: number): Buffer {
  const bits = [
    ...bitsOf(0x2f, 8), // signature
    ...bitsOf(width - 1, 14),
    ...bitsOf(height - 1, 14),
    ...bitsOf(0, 1 + 3), // no alpha, version 0
    ...bitsOf(0, 1 + 1 + 1), // no transform, no cache of colours, one group of codes
    ...Array.from({ length: 5 }, () => bitsOf(0b0001, 4)).flat(), // a simple code, of one symbol, in one bit: 0
  ];
  const stream = Buffer.alloc(18);
  for (const [i, bit] of bits.entries()) stream[i >> 3] = (stream[i >> 3] ?? 0) | (bit << (i & 7));
  const head = Buffer.from('RIFF\0\0\0\0WEBPVP8L\0\0\0\0', 'latin1');
  head.writeUInt32LE(12 + stream.length, 4);
  head.writeUInt32LE(stream.length, 16);
  return Buffer.concat([head, stream]);
}

const bitsOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (value >> i) & 1);
