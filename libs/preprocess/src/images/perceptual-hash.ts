import { greyPixels } from './grey-pixels.js';
import type { ImageSides, RgbImage } from './image-shape.js';
import { lowFrequencies } from './low-frequencies.js';
import { resample } from './resample.js';

/** Pixels of the small image to each side of the hash. */
const HIGH_FREQUENCY_FACTOR = 4;

/** Frequencies in each direction. */
const COARSE = 8;
const FINE = 16;

/**
 * Below this texture, in grey levels, compression alone turns too many bits. Of photos with less and less contrast, saved
 * as JPEG of quality 60, 95 in 100 differ from the original by up to 10 of 64 bits at a texture from 2 to 3, by up to 12 from
 * 1.5 to 2, and by 22 from 0.5 to 1 (scripts/hash-invariances.mjs).
 */
export const FLAT_TEXTURE = 2;

export interface ImageHashes {
  /** One bit for each frequency, the first in the highest bit of the first byte. */
  hash64: Uint8Array;
  /** The hash that the mirrored image has. */
  mirrored64: Uint8Array;
  hash256: Uint8Array;
  mirrored256: Uint8Array;
  /**
   * How far half of the 64 frequencies lie from the threshold at most, in grey levels: noise of so many levels in the
   * pixels of the small image moves a frequency as far. 0 for an image of one colour.
   */
  texture: number;
  /** The hashes say nothing: leave the image out of a search for near-duplicates. */
  isFlat: boolean;
}

/**
 * DCT hashes of 64 and of 256 bits, bit for bit as `imagehash.phash` 4.3.2 with hash sizes 8 and 16: grey, four times as
 * many pixels as bits to each side, with Lanczos, lowest frequencies above their median. Only where a frequency is equal to
 * the median but for rounding, as in images of one colour or symmetric ones, may bits differ.
 *
 * @see https://www.hackerfactor.com/blog/index.php?/archives/432-Looks-Like-It.html
 * @throws SHAPE_MISMATCH when the pixels do not fit their shape
 */
export function hashImage(image: RgbImage): ImageHashes {
  const grey_HW = greyPixels(image);
  const coarse = frequencyHash(grey_HW, image, COARSE);
  const fine = frequencyHash(grey_HW, image, FINE);
  const texture = (coarse.spread * 2) / (COARSE * HIGH_FREQUENCY_FACTOR);
  return {
    hash64: coarse.hash,
    mirrored64: coarse.mirrored,
    hash256: fine.hash,
    mirrored256: fine.mirrored,
    texture,
    isFlat: texture < FLAT_TEXTURE,
  };
}

/** @param count of frequencies in each direction, even */
function frequencyHash(
  grey_HW: Uint8Array,
  { height, width }: ImageSides,
  count: number,
): { hash: Uint8Array; mirrored: Uint8Array; spread: number } {
  const side = count * HIGH_FREQUENCY_FACTOR;
  const small_HW = resample(
    grey_HW,
    { height, width, channels: 1 },
    { height: side, width: side },
    'lanczos',
  );
  const frequencies = lowFrequencies(small_HW, count);
  const threshold = median(frequencies);
  const mirrored = frequencies.map((value, i) => (i % 2 === 0 ? value : -value)); // the odd horizontal ones turn
  return {
    hash: bitsAbove(frequencies, threshold),
    mirrored: bitsAbove(mirrored, median(mirrored)),
    spread: median(frequencies.map((value) => Math.abs(value - threshold))),
  };
}

/** Mean of the two middle values. */
function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length / 2;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function bitsAbove(values: Float64Array, threshold: number): Uint8Array {
  const bits = new Uint8Array(values.length / 8);
  values.forEach((value, i) => {
    if (value > threshold) bits[i >> 3] = (bits[i >> 3] ?? 0) | (128 >> (i & 7));
  });
  return bits;
}
