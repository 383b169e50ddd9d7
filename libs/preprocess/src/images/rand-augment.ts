import type { Random } from '@assay/core';
import { adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness } from './adjust-color.js';
import { autocontrast, equalize, posterize, solarize } from './adjust-levels.js';
import type { RgbImage } from './image-shape.js';

export interface RandAugmentOptions {
  /** Operations one after the other; 2 when left out. */
  numOperations?: number;
  /** How strong they are, 0 to 30; 9 when left out. */
  magnitude?: number;
}

export const MAX_MAGNITUDE = 30;

/** How strong: 0 to 1; up or down. */
type Operation = (image: RgbImage, strength: number, direction: 1 | -1) => RgbImage;

const LARGEST_CHANGE = 0.9;
const DROPPED_BITS = 4;

const enhance =
  (adjust: (image: RgbImage, factor: number) => RgbImage): Operation =>
  (image, strength, direction) =>
    adjust(image, 1 + direction * LARGEST_CHANGE * strength);

const OPERATIONS: Readonly<Record<string, Operation>> = {
  identity: (image) => image,
  brightness: enhance(adjustBrightness),
  saturation: enhance(adjustSaturation),
  contrast: enhance(adjustContrast),
  sharpness: enhance(adjustSharpness),
  posterize: (image, strength) => posterize(image, 8 - Math.round(DROPPED_BITS * strength)),
  solarize: (image, strength) => solarize(image, 255 * (1 - strength)),
  autocontrast: (image) => autocontrast(image),
  equalize: (image) => equalize(image),
};

/**
 * A few random operations of equal strength: RandAugment as torchvision has it for Pillow images, without its five
 * operations that move pixels (shear, translate, rotate).
 *
 * @see https://arxiv.org/abs/1909.13719
 * @see https://github.com/pytorch/vision/blob/v0.20.0/torchvision/transforms/autoaugment.py (RandAugment)
 */
export function randAugment(
  image: RgbImage,
  { numOperations = 2, magnitude = 9 }: RandAugmentOptions,
  random: Random,
): RgbImage {
  let out = image;
  for (let i = 0; i < numOperations; i++) {
    const operation = random.pick(Object.values(OPERATIONS));
    const direction = random.bernoulli(0.5) ? 1 : -1;
    out = operation(out, magnitude / MAX_MAGNITUDE, direction);
  }
  return out;
}
