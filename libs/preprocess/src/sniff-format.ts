/** Formats that are decoded. They hold pixels only; SVG is left out: it is a program that draws. */
export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** First bytes of each format, as hex digits. HEIC is known so that it can be named; this libvips cannot decode it. */
const SIGNATURES: readonly [ImageFormat | 'HEIC', RegExp][] = [
  ['JPEG', /^ffd8ff/],
  ['PNG', /^89504e470d0a1a0a/],
  ['WebP', /^52494646.{8}57454250/], // RIFF, size, WEBP
  ['GIF', /^47494638/], // GIF8
  ['TIFF', /^(49492a00|4d4d002a|49492b00|4d4d002b)/], // little and big endian, classic and BigTIFF
  ['HEIC', /^0000.{4}66747970(68656963|68656978)/], // ftyp heic, heix
  ['AVIF', /^0000.{4}66747970(61766966|6d696631|6d736631)/], // ftyp avif, and mif1, msf1: HEIC too, as its header tells
];
const SIGNATURE_BYTES = 12;

/** The format that the first bytes of a file announce, or undefined when it is none of these. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | 'HEIC' | undefined {
  const start = Buffer.from(bytes.subarray(0, SIGNATURE_BYTES)).toString('hex');
  return SIGNATURES.find(([, signature]) => signature.test(start))?.[0];
}
