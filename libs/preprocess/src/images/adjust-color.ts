import { blend } from './blend.js';
import { greyPixels } from './grey-pixels.js';
import type { RgbImage } from './image-shape.js';
import { applyTable, levelTable } from './level-tables.js';

/**
 * The operations of Pillow's `ImageEnhance`, bit for bit; torchvision's ColorJitter and RandAugment do the same to Pillow
 * images. A factor of 1 changes nothing; from 0 to 1 there is less of the property, above 1 more.
 *
 * @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/PIL/ImageEnhance.py
 */

/** Factor 0 is black. @param factor ≥ 0 */
export function adjustBrightness(image: RgbImage, factor: number): RgbImage {
  return applyTable(
    image,
    levelTable((level) => blend(0, level, factor)),
  );
}

/** Factor 0 is the mean luma everywhere. @param factor ≥ 0 */
export function adjustContrast(image: RgbImage, factor: number): RgbImage {
  const grey_HW = greyPixels(image);
  const mean = Math.trunc(grey_HW.reduce((sum, grey) => sum + grey, 0) / grey_HW.length + 0.5);
  return applyTable(
    image,
    levelTable((level) => blend(mean, level, factor)),
  );
}

/** Factor 0 is grey. @param factor ≥ 0 */
export function adjustSaturation({ pixels, height, width }: RgbImage, factor: number): RgbImage {
  const grey_HW = greyPixels({ pixels, height, width });
  const out_HWC = new Uint8Array(pixels.length);
  for (let pixel = 0, i = 0; pixel < grey_HW.length; pixel++, i += 3) {
    const grey = grey_HW[pixel] ?? 0;
    out_HWC[i] = blend(grey, pixels[i] ?? 0, factor);
    out_HWC[i + 1] = blend(grey, pixels[i + 1] ?? 0, factor);
    out_HWC[i + 2] = blend(grey, pixels[i + 2] ?? 0, factor);
  }
  return { height, width, pixels: out_HWC };
}

/** Factor 0 is smoothed: each pixel 5 parts, its eight neighbours one part each; the border stays. @param factor ≥ 0 */
export function adjustSharpness(image: RgbImage, factor: number): RgbImage {
  const { pixels, height, width } = image;
  const out_HWC = pixels.slice();
  const stride = width * 3;
  for (let y = 1; y < height - 1; y++)
    for (let i = y * stride + 3; i < (y + 1) * stride - 3; i++) {
      const value = pixels[i] ?? 0;
      const sum =
        columnSum(pixels, i - 3, stride) + columnSum(pixels, i, stride) + columnSum(pixels, i + 3, stride);
      const smooth = Math.trunc((2 * (sum + 4 * value) + 13) / 26); // halves cannot occur
      out_HWC[i] = blend(smooth, value, factor);
    }
  return { height, width, pixels: out_HWC };
}

const columnSum = (pixels: Uint8Array, i: number, stride: number): number =>
  (pixels[i - stride] ?? 0) + (pixels[i] ?? 0) + (pixels[i + stride] ?? 0);
