import { createHash } from 'node:crypto';
import type { RgbImage } from './image-shape.js';

/**
 * SHA-256 of an image's sides and pixels: equal for files that decode to the same, however they are encoded.
 *
 * @returns 64 lower-case hex digits
 */
export function pixelDigest({ pixels, height, width }: RgbImage): string {
  return createHash('sha256').update(`${height} × ${width} RGB:`).update(pixels).digest('hex');
}
