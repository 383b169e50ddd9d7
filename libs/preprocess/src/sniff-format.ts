/** Formats that hold pixels only. SVG is left out: it is a program that draws. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** First bytes of each format, as hex digits. */
const SIGNATURES: readonly [ImageFormat, RegExp][] = [
  ['jpeg', /^ffd8ff/],
  ['png', /^89504e470d0a1a0a/],
  ['webp', /^52494646.{8}57454250/], // RIFF, size, WEBP
  ['gif', /^47494638/], // GIF8
  ['tiff', /^(49492a00|4d4d002a|49492b00|4d4d002b)/], // little and big endian, classic and BigTIFF
  ['heif', /^0000.{4}66747970(61766966|68656963|68656978|6d696631|6d736631)/], // ftyp avif, heic, heix, mif1, msf1
];
const SIGNATURE_BYTES = 12;

/** The format that the first bytes of a file announce, or undefined when it is none of these. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = Buffer.from(bytes.subarray(0, SIGNATURE_BYTES)).toString('hex');
  return SIGNATURES.find(([, signature]) => signature.test(start))?.[0];
}
