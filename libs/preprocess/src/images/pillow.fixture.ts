import { join } from 'node:path';
import { runReference, withReferences } from '@assay/testing';
import type { ImageShape } from './image-shape.js';

/** A suite that compares with Pillow, in the reference environment. */
export const pillowSuite = withReferences ? describe : describe.skip;

export interface TestImage extends ImageShape {
  pixels: Uint8Array;
}

export interface PillowCase {
  operation: string;
  image: TestImage;
  options?: Record<string, unknown>;
}

/** Runs all cases in one process. */
export function runPillow<T = PillowImage>(cases: readonly PillowCase[]): T[] {
  const input = cases.map(({ operation, image, options }) => ({
    operation,
    image: { ...image, pixels: Buffer.from(image.pixels).toString('base64') },
    options: options ?? {},
  }));
  const script = join(__dirname, '../../scripts/reference-images.py');
  return runReference(script, { input: JSON.stringify(input) }) as T[];
}

export interface PillowImage {
  height: number;
  width: number;
  /** base64 */
  pixels: string;
}

export const pixelsOf = ({ pixels }: { pixels: string }): Uint8Array =>
  new Uint8Array(Buffer.from(pixels, 'base64'));

/** The largest difference of two images, and where it is; NaN when they have not the same length. */
export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return NaN;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0);
}

/** Pixels that look random, with runs of black and white in between, where filters overshoot. */
export function noise(height: number, width: number, channels: 1 | 3 | 4, seed = 1): TestImage {
  const pixels = new Uint8Array(height * width * channels);
  let state = seed;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const value = state >>> 24;
    pixels[i] = (state >>> 8) % 4 === 0 ? (value < 128 ? 0 : 255) : value;
  }
  return { height, width, channels, pixels };
}

/** A smooth picture with edges: a gradient, a disc and stripes. */
export function picture(height: number, width: number, channels: 1 | 3 = 3, seed = 1): TestImage {
  const pixels = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const disc = Math.hypot(y / height - 0.3 - seed / 20, x / width - 0.6) < 0.25 ? 90 : 0;
      const stripes = 30 * Math.sin((x * (3 + seed) * 6) / width + (y * 5) / height);
      for (let c = 0; c < channels; c++)
        pixels[(y * width + x) * channels + c] = 60 + (80 * y) / height + disc + stripes * (1 - c / 4);
    }
  return { height, width, channels, pixels };
}
