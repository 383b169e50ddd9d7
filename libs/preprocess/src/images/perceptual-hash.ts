import { greyPixels } from './grey-pixels.js';
import type { ImageShape, RgbImage } from './image-shape.js';
import { lowFrequencies } from './low-frequencies.js';
import { resample } from './resample.js';

/** Pixels of the small image to each side of the hash. */
const HIGH_FREQUENCY_FACTOR = 4;

export interface PerceptualHash {
  /** One bit for each frequency, the first in the highest bit of the first byte. */
  hash: Uint8Array;
  /** The hash that the mirrored image has. */
  mirrored: Uint8Array;
  /**
   * How far half of the frequencies lie from the threshold at most, in grey levels: noise of so many levels in the pixels
   * of the small image moves a frequency as far. 0 for an image of one colour.
   */
  texture: number;
}

/**
 * DCT hash of size² bits, bit for bit as `imagehash.phash` 4.3.2: grey, resized to (4 size)² with Lanczos, lowest
 * size × size frequencies above their median. Only where frequencies are equal to the median but for rounding, as in
 * images of one colour or symmetric ones, may bits differ.
 *
 * @param grey_HW uint8, one channel
 * @param size 8 for 64 bits, 16 for 256
 * @see https://www.hackerfactor.com/blog/index.php?/archives/432-Looks-Like-It.html
 */
export function perceptualHash(
  grey_HW: Uint8Array,
  { height, width }: Pick<ImageShape, 'height' | 'width'>,
  size: 8 | 16,
): PerceptualHash {
  const side = size * HIGH_FREQUENCY_FACTOR;
  const small_HW = resample(
    grey_HW,
    { height, width, channels: 1 },
    { height: side, width: side },
    'lanczos',
  );
  const frequencies = lowFrequencies(small_HW, size);
  const threshold = median(frequencies);
  const mirrored = frequencies.map((value, i) => (i % 2 === 0 ? value : -value)); // size is even: i and u are odd together
  const distances = frequencies.map((value) => Math.abs(value - threshold));
  return {
    hash: bitsAbove(frequencies, threshold),
    mirrored: bitsAbove(mirrored, median(mirrored)),
    texture: (median(distances) * 2) / side,
  };
}

export interface ImageHashes {
  hash64: Uint8Array;
  mirrored64: Uint8Array;
  hash256: Uint8Array;
  mirrored256: Uint8Array;
  /** Of the 64-bit hash. */
  texture: number;
  /** The hashes say nothing: leave the image out of a search for near-duplicates. */
  isFlat: boolean;
}

/**
 * Below this texture, in grey levels, compression alone turns too many bits. Of photos with less and less contrast, saved
 * as JPEG of quality 60, 95 in 100 differ from the original by up to 10 of 64 bits at a texture from 2 to 3, by up to 12 from
 * 1.5 to 2, and by 22 from 0.5 to 1 (scripts/hash-invariances.mjs).
 */
export const FLAT_TEXTURE = 2;

/** Both perceptual hashes of an image, and those of its mirror image. */
export function hashImage(image: RgbImage): ImageHashes {
  const grey_HW = greyPixels(image);
  const coarse = perceptualHash(grey_HW, image, 8);
  const fine = perceptualHash(grey_HW, image, 16);
  return {
    hash64: coarse.hash,
    mirrored64: coarse.mirrored,
    hash256: fine.hash,
    mirrored256: fine.mirrored,
    texture: coarse.texture,
    isFlat: coarse.texture < FLAT_TEXTURE,
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
