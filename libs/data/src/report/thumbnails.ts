import { AssayError, throwIfInterrupted } from '@assay/core';
import { decodePixels } from '@assay/preprocess';
import sharp from 'sharp';
import type { DataReportOptions } from './data-report-options.js';

/** A small copy of an image. */
export interface Thumbnail {
  /** A WebP image as a data URI. */
  uri: string;
  width: number;
  height: number;
}

const LONGEST_EDGE = 192;
const QUALITY = 55;
/** Characters of all thumbnails of a page together. */
const MAX_TOTAL_CHARACTERS = 2.4e6;
/** Decoded images in memory at a time. */
const AT_ONCE = 4;

/**
 * Makes thumbnails, as many of the first paths as a page may hold.
 *
 * @param paths images as the records name them
 * @param maxCharacters of all data URIs together
 * @returns by path; those that cannot be read, or are too many, are left out
 * @throws INTERRUPTED when the signal is aborted
 */
export async function makeThumbnails(
  paths: readonly string[],
  { readImage, maxImagePixels, signal }: Pick<DataReportOptions, 'readImage' | 'maxImagePixels' | 'signal'>,
  maxCharacters = MAX_TOTAL_CHARACTERS,
): Promise<Map<string, Thumbnail>> {
  const made = new Map<string, Thumbnail>();
  if (readImage === undefined) return made;
  const distinct = [...new Set(paths)];
  let left = maxCharacters;
  for (let start = 0; start < distinct.length && left > 0; start += AT_ONCE) {
    throwIfInterrupted(signal);
    const chunk = distinct.slice(start, start + AT_ONCE);
    const thumbnails = await Promise.all(
      chunk.map((path) => makeThumbnail(path, readImage, maxImagePixels).catch(nullIfUnreadable)),
    );
    for (const [i, thumbnail] of thumbnails.entries()) {
      if (thumbnail === null) continue;
      left -= thumbnail.uri.length;
      if (left >= 0) made.set(chunk[i] ?? '', thumbnail);
    }
  }
  return made;
}

async function makeThumbnail(
  path: string,
  readImage: NonNullable<DataReportOptions['readImage']>,
  maxImagePixels: number | undefined,
): Promise<Thumbnail> {
  const options = maxImagePixels === undefined ? {} : { maxImagePixels };
  const { pixels, width, height } = await decodePixels(await readImage(path), options);
  const { data, info } = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: LONGEST_EDGE, height: LONGEST_EDGE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: QUALITY })
    .toBuffer({ resolveWithObject: true });
  return {
    uri: `data:image/webp;base64,${data.toString('base64')}`,
    width: info.width,
    height: info.height,
  };
}

/** An image was readable when it was checked; if it no longer is, the report says so instead of failing. */
function nullIfUnreadable(error: unknown): null {
  if (!(error instanceof AssayError) || error.code === 'INTERRUPTED') throw error;
  return null;
}
