import { assertShape, type RgbImage } from './image-shape.js';
import { kernelsWith, MemoryPlan } from './kernels.js';

/** Pixels that are taken into the memory of the kernels at a time: 256 KiB. */
const PIECE_PIXELS = 2 ** 16;

/**
 * Luma by ITU-R 601 in 16-bit fixed point, bit for bit as Pillow's `convert('L')`.
 *
 * @returns grey_HW uint8
 * @throws SHAPE_MISMATCH when the pixels do not fit their shape
 */
export function greyPixels({ pixels, height, width }: RgbImage): Uint8Array {
  assertShape(pixels, { height, width, channels: 3 });
  const numPixels = height * width;
  const plan = new MemoryPlan();
  const colours = plan.add(3 * Math.min(numPixels, PIECE_PIXELS));
  const greys = plan.add(Math.min(numPixels, PIECE_PIXELS));
  const { grey, memory } = kernelsWith(plan.bytes);
  const view = new Uint8Array(memory.buffer);
  const grey_HW = new Uint8Array(numPixels);
  for (let from = 0; from < numPixels; from += PIECE_PIXELS) {
    const count = Math.min(PIECE_PIXELS, numPixels - from);
    view.set(pixels.subarray(3 * from, 3 * (from + count)), colours);
    grey(colours, greys, count);
    grey_HW.set(view.subarray(greys, greys + count), from);
  }
  return grey_HW;
}
