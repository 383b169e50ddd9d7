import type { RgbImage } from './image-shape.js';

export const LEVELS = 256;

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
  const red = new Uint32Array(LEVELS);
  const green = new Uint32Array(LEVELS);
  const blue = new Uint32Array(LEVELS);
  for (let i = 0; i < pixels.length; i += 3) {
    count(red, pixels[i] ?? 0);
    count(green, pixels[i + 1] ?? 0);
    count(blue, pixels[i + 2] ?? 0);
  }
  return [red, green, blue];
}

function count(counts: Uint32Array, level: number): void {
  counts[level] = (counts[level] ?? 0) + 1;
}
