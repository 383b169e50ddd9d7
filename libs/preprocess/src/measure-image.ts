import { AssayError } from '@assay/core';
import sharp from 'sharp';
import { IMAGE_FORMATS, sniffFormat } from './sniff-format.js';

/**
 * Reads the header of an image.
 *
 * @returns how many pixels it says that it has
 * @throws IMAGE_INVALID when the bytes are no image of a known format
 * @throws IMAGE_TOO_LARGE when it has more than `maxImagePixels`
 */
export async function measureImage(bytes: Uint8Array, maxImagePixels: number): Promise<number> {
  assertKnownFormat(sniffFormat(bytes)); // before libvips looks, which would draw an SVG to measure it
  const metadata = await readMetadata(bytes);
  assertKnownFormat(formatOf(metadata));
  const { width, height } = metadata;
  const numPixels = width * height;
  if (numPixels <= maxImagePixels) return numPixels;
  throw new AssayError(
    'IMAGE_TOO_LARGE',
    `An image has ${width} × ${height} = ${numPixels} pixels; allowed are ${maxImagePixels}. Fix: shrink it, or raise data.maxImagePixels.`,
    { details: { width, height, maxImagePixels } },
  );
}

function assertKnownFormat(format: string | undefined): void {
  if (IMAGE_FORMATS.some((known) => known === format)) return;
  throw new AssayError(
    'IMAGE_INVALID',
    `An image is ${format ?? 'of an unknown format'}; expected one of ${IMAGE_FORMATS.join(', ')}. Fix: convert it.`,
  );
}

/** sharp calls AVIF and HEIC by the name of their container. */
function formatOf({ format, compression }: sharp.Metadata): string {
  if (format === 'heif') return compression === 'av1' ? 'AVIF' : 'HEIC';
  return IMAGE_FORMATS.find((known) => known.toLowerCase() === format) ?? format;
}

async function readMetadata(bytes: Uint8Array): Promise<sharp.Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata(); // reads the header only
  } catch (error) {
    throw invalid(error); // an empty buffer throws at once, others reject
  }
}

function invalid(cause: unknown): AssayError {
  const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'unknown reason';
  return new AssayError(
    'IMAGE_INVALID',
    `An image cannot be decoded (${reason}). Fix: send a whole file of one of the formats ${IMAGE_FORMATS.join(', ')}.`,
    { cause },
  );
}
