import type { RgbImage } from './image-shape.js';
import { resample } from './resample.js';

const SIDE = 4;
const CHANNELS = 3;

/**
 * Mean colours of 4 × 4 equal parts of an image: what tells pictures of one composition in other colours apart, which
 * perceptual hashes of grey levels do not.
 *
 * @returns 48 levels, row by row, RGB
 * @throws SHAPE_MISMATCH when the pixels do not fit their shape
 * @see ISO/IEC 15938-3, the colour layout descriptor, which this simplifies
 */
export const colorLayout = ({ pixels, height, width }: RgbImage): Uint8Array =>
  resample(pixels, { height, width, channels: CHANNELS }, { height: SIDE, width: SIDE }, 'box');

/**
 * Mean difference of two layouts in levels, 0 to 255.
 *
 * @param isMirrored compares with the mirror image of the second
 */
export function colorDistance(a: Uint8Array, b: Uint8Array, isMirrored: boolean): number {
  let sum = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [at, other] = [y * SIDE + x, y * SIDE + (isMirrored ? SIDE - 1 - x : x)];
      for (let c = 0; c < CHANNELS; c++)
        sum += Math.abs((a[at * CHANNELS + c] ?? 0) - (b[other * CHANNELS + c] ?? 0));
    }
  }
  return sum / (SIDE * SIDE * CHANNELS);
}
