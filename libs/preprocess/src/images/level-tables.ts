import type { RgbImage } from './image-shape.js';

export const LEVELS = 256;
const CHANNELS = [0, 1, 2] as const;

/** What becomes of each level. */
export type LevelTable = Uint8Array;

export function levelTable(map: (level: number) => number): LevelTable {
  return Uint8Array.from({ length: LEVELS }, (_, level) => map(level));
}

/** An image in which each value is replaced by what the table of its channel says. */
export function applyTables(
  { pixels, height, width }: RgbImage,
  [red, green, blue]: readonly [LevelTable, LevelTable, LevelTable],
): RgbImage {
  const out_HWC = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    out_HWC[i] = red[pixels[i] ?? 0] ?? 0;
    out_HWC[i + 1] = green[pixels[i + 1] ?? 0] ?? 0;
    out_HWC[i + 2] = blue[pixels[i + 2] ?? 0] ?? 0;
  }
  return { height, width, pixels: out_HWC };
}

/** The same table for all channels. */
export function applyTable(image: RgbImage, table: LevelTable): RgbImage {
  return applyTables(image, [table, table, table]);
}

/** How often each level occurs in each channel. */
export function histograms({ pixels }: RgbImage): [Uint32Array, Uint32Array, Uint32Array] {
  const counts = new Uint32Array(3 * LEVELS);
  for (let i = 0; i < pixels.length; i += 3)
    for (const c of CHANNELS) {
      const at = c * LEVELS + (pixels[i + c] ?? 0);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  return [counts.subarray(0, LEVELS), counts.subarray(LEVELS, 2 * LEVELS), counts.subarray(2 * LEVELS)];
}
