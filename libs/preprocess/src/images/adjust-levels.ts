import type { RgbImage } from './image-shape.js';
import { applyTable, applyTables, histograms, LEVELS, levelTable, type LevelTable } from './level-tables.js';

/**
 * The operations of Pillow's `ImageOps` that map levels, bit for bit.
 *
 * @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/PIL/ImageOps.py
 */

/** Keeps the highest bits of each value. @param bits 1 to 8 */
export function posterize(image: RgbImage, bits: number): RgbImage {
  const dropped = 2 ** (8 - bits) - 1;
  return applyTable(
    image,
    levelTable((level) => level & ~dropped),
  );
}

/** Inverts values from a threshold on. @param threshold 0 to 256 */
export function solarize(image: RgbImage, threshold: number): RgbImage {
  return applyTable(
    image,
    levelTable((level) => (level < threshold ? level : 255 - level)),
  );
}

/** Stretches each channel to the levels 0 to 255; one of a single level stays. */
export function autocontrast(image: RgbImage): RgbImage {
  const [red, green, blue] = histograms(image);
  return applyTables(image, [stretched(red), stretched(green), stretched(blue)]);
}

/** Makes all levels of each channel about equally frequent. */
export function equalize(image: RgbImage): RgbImage {
  const [red, green, blue] = histograms(image);
  return applyTables(image, [equalized(red), equalized(green), equalized(blue)]);
}

function stretched(counts: Uint32Array): LevelTable {
  const low = counts.findIndex((count) => count > 0);
  const high = counts.findLastIndex((count) => count > 0);
  if (high <= low) return levelTable((level) => level);
  const scale = 255 / (high - low);
  const offset = -low * scale;
  return levelTable((level) => Math.min(255, Math.max(0, Math.trunc(level * scale + offset))));
}

function equalized(counts: Uint32Array): LevelTable {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const last = counts[counts.findLastIndex((count) => count > 0)] ?? 0;
  const step = Math.floor((total - last) / (LEVELS - 1));
  if (step === 0) return levelTable((level) => level); // also when there is one level only
  let below = Math.floor(step / 2);
  return levelTable((level) => {
    const value = Math.floor(below / step);
    below += counts[level] ?? 0;
    return Math.min(255, value);
  });
}
