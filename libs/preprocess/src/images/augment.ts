import { Random } from '@assay/core';
import { adjustBrightness, adjustContrast, adjustSaturation } from './adjust-color.js';
import {
  between,
  cutout,
  mirrorImage,
  randomResizedCrop,
  type CutoutOptions,
  type RandomCropOptions,
} from './augment-geometry.js';
import type { RgbImage } from './image-shape.js';
import { randAugment, type RandAugmentOptions } from './rand-augment.js';

export interface ColorJitterOptions {
  /** The factor lies between 1 - brightness and 1 + brightness, not below 0; and so on. */
  brightness?: number;
  contrast?: number;
  saturation?: number;
}

/** What is done to a training image, in this order; what is left out is not done. */
export interface AugmentOptions {
  crop?: RandomCropOptions;
  /** Probability to mirror. */
  flip?: number;
  colorJitter?: ColorJitterOptions;
  randAugment?: RandAugmentOptions;
  cutout?: CutoutOptions & { probability: number };
}

/** Random numbers for one image: the same whatever was drawn for others, so any worker may augment any row. */
export function augmentRandom(seed: number, epoch: number, row: number): Random {
  return new Random(seed, `augment/${epoch}/${row}`);
}

/**
 * Alters an image at random. Each step has a stream of its own, so that leaving one out changes nothing in the others.
 *
 * @returns another image; the given one stays as it is
 */
export function augment(image: RgbImage, options: AugmentOptions, random: Random): RgbImage {
  let out = image;
  if (options.crop !== undefined) out = randomResizedCrop(out, options.crop, random.fork('crop'));
  if (options.flip !== undefined && random.fork('flip').bernoulli(options.flip)) out = mirrorImage(out);
  if (options.colorJitter !== undefined) out = colorJitter(out, options.colorJitter, random.fork('jitter'));
  if (options.randAugment !== undefined)
    out = randAugment(out, options.randAugment, random.fork('randAugment'));
  if (options.cutout !== undefined) out = maybeCutout(out, options.cutout, random.fork('cutout'));
  return out === image ? { ...image, pixels: image.pixels.slice() } : out;
}

function maybeCutout(
  image: RgbImage,
  options: CutoutOptions & { probability: number },
  random: Random,
): RgbImage {
  return random.bernoulli(options.probability) ? cutout(image, options, random) : image;
}

/**
 * Changes brightness, contrast and saturation, in random order, as torchvision's ColorJitter without hue does to Pillow
 * images.
 */
export function colorJitter(image: RgbImage, options: ColorJitterOptions, random: Random): RgbImage {
  const { brightness = 0, contrast = 0, saturation = 0 } = options;
  const steps = [
    { adjust: adjustBrightness, range: brightness },
    { adjust: adjustContrast, range: contrast },
    { adjust: adjustSaturation, range: saturation },
  ].map(({ adjust, range }) => ({
    adjust,
    range,
    factor: between(random, Math.max(0, 1 - range), 1 + range),
  }));
  return random
    .shuffle(steps)
    .filter(({ range }) => range > 0)
    .reduce((out, { adjust, factor }) => adjust(out, factor), image);
}
