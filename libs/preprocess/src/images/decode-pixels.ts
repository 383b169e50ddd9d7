import { AssayError } from '@assay/core';
import sharp from 'sharp';
import { measureImage } from '../measure-image.js';
import { IMAGE_FORMATS, sniffFormat, type ImageFormat } from '../sniff-format.js';
import type { ImageSides, RgbImage } from './image-shape.js';

/** Of images that say nothing else: 50 million pixels, 150 MB when decoded. */
export const DEFAULT_MAX_IMAGE_PIXELS = 50e6;

export interface DecodeOptions {
  /** Images with more pixels are refused by their header, before anything is decoded. */
  maxImagePixels?: number;
  /**
   * Lets a JPEG be decoded at a third, a fifth or a ninth of its sides as long as neither gets smaller than these, which
   * takes a fraction of the time for a large photo: libjpeg leaves frequencies out, libvips shrinks the rest of the way. The
   * pixels are then not those that Pillow resizes, nor are hashes those of the whole image: off when left out.
   */
  shrinkOnLoad?: ImageSides;
}

/**
 * Decodes an image: upright by its EXIF orientation, transparency laid on white, sRGB (an embedded colour profile is
 * applied), 8 bits. Of an animation, the first frame. JPEGs without a profile have the pixels that Pillow decodes.
 *
 * @param bytes an encoded image
 * @returns RGB pixels and their size, as it is after turning
 * @throws IMAGE_INVALID when the bytes are no image of a known format, or are damaged or end early
 * @throws IMAGE_TOO_LARGE when it has more than `maxImagePixels`
 */
export async function decodePixels(bytes: Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  const { maxImagePixels = DEFAULT_MAX_IMAGE_PIXELS, shrinkOnLoad } = options;
  const format = sniffFormat(bytes);
  if (!isQuick(format)) await measureImage(bytes, maxImagePixels); // refuses what is unknown
  const sides = format === 'JPEG' && shrinkOnLoad !== undefined ? await shrunk(bytes, shrinkOnLoad) : null;
  try {
    const image = sharp(bytes, { limitInputPixels: maxImagePixels, failOn: 'error' }).autoOrient();
    if (sides !== null) image.resize({ ...sides, fit: 'fill', kernel: 'lanczos3' });
    const { data, info } = await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { height, width } = info;
    if (data.length !== height * width * 3) throw new Error(`it decoded to ${data.length} values`);
    return { height, width, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (error) {
    if (isTooLarge(error)) await measureImage(bytes, maxImagePixels); // says how large
    throw invalid(error);
  }
}

/** Formats that their first bytes tell for sure, so that the header need not be read apart. AVIF may be HEIC. */
const isQuick = (format: ImageFormat | 'HEIC' | undefined): boolean =>
  format !== undefined && format !== 'HEIC' && format !== 'AVIF';

/** libjpeg decodes at 1/8, 1/4 and 1/2; sharp lets it when the sides shrink by more than that, by a whole number. */
const JPEG_SHRINKS = [9, 5, 3];

/** The sides that a JPEG is decoded at, upright; null for its own. */
async function shrunk(bytes: Uint8Array, wanted: ImageSides): Promise<ImageSides | null> {
  const { autoOrient } = await sharp(bytes).metadata().catch(rejectAsInvalid);
  const { height, width } = autoOrient;
  const shrink = JPEG_SHRINKS.find((by) => height >= by * wanted.height && width >= by * wanted.width);
  if (shrink === undefined) return null;
  return { height: Math.floor(height / shrink), width: Math.floor(width / shrink) };
}

function rejectAsInvalid(error: unknown): never {
  throw invalid(error);
}

/** What sharp says of an image with more pixels than `limitInputPixels`. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('exceeds pixel limit');

function invalid(cause: unknown): AssayError {
  const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'unknown reason';
  return new AssayError(
    'IMAGE_INVALID',
    `An image cannot be decoded (${reason}). Fix: send a whole file of one of the formats ${IMAGE_FORMATS.join(', ')}.`,
    { cause },
  );
}
