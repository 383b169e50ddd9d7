import type { Random } from '@assay/core';
import type { ImageSides, RgbImage } from './image-shape.js';
import { resample } from './resample.js';
import type { ResampleFilter } from './resample-filter.js';
import { roundHalfEven } from './round-half-even.js';

/** A rectangle of whole pixels. */
export interface Rectangle extends ImageSides {
  top: number;
  left: number;
}

/** The sides of what is cut out are resized to; by default those of the image. */
export interface RandomCropOptions extends Partial<ImageSides> {
  /** Least and largest share of the area that is cut out; 0.08 to 1 when left out. */
  scale?: readonly [number, number];
  /** Least and largest width divided by height; 3/4 to 4/3 when left out. */
  ratio?: readonly [number, number];
  /** bilinear when left out */
  filter?: ResampleFilter;
}

const ATTEMPTS = 10;

/** The image from right to left. */
export function mirrorImage({ pixels, height, width }: RgbImage): RgbImage {
  const out_HWC = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    let from = ((y + 1) * width - 1) * 3;
    for (let to = y * width * 3; to < (y + 1) * width * 3; to += 3, from -= 3) {
      out_HWC[to] = pixels[from] ?? 0;
      out_HWC[to + 1] = pixels[from + 1] ?? 0;
      out_HWC[to + 2] = pixels[from + 2] ?? 0;
    }
  }
  return { height, width, pixels: out_HWC };
}

/** Cuts a random part out and resizes it. */
export function randomResizedCrop(image: RgbImage, options: RandomCropOptions, random: Random): RgbImage {
  const { height = image.height, width = image.width, filter = 'bilinear' } = options;
  const part = cutOut(image, sampleCrop(image, options, random));
  const pixels = resample(part.pixels, { ...part, channels: 3 }, { height, width }, filter);
  return { height, width, pixels };
}

/**
 * The part that is cut out: a share of the area and a ratio, uniform in its logarithm, until they fit, ten times at most;
 * then as much of the middle as the ratios allow.
 *
 * @see https://github.com/pytorch/vision/blob/v0.20.0/torchvision/transforms/transforms.py (RandomResizedCrop.get_params)
 */
export function sampleCrop(
  image: ImageSides,
  {
    scale: [leastScale, mostScale] = [0.08, 1],
    ratio: [leastRatio, mostRatio] = [3 / 4, 4 / 3],
  }: RandomCropOptions,
  random: Random,
): Rectangle {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = image.height * image.width * between(random, leastScale, mostScale);
    const ratio = Math.exp(between(random, Math.log(leastRatio), Math.log(mostRatio)));
    const height = roundHalfEven(Math.sqrt(area / ratio));
    const width = roundHalfEven(Math.sqrt(area * ratio));
    if (height < 1 || width < 1 || height > image.height || width > image.width) continue;
    const top = random.integer(image.height - height + 1);
    const left = random.integer(image.width - width + 1);
    return { top, left, height, width };
  }
  const ratio = image.width / image.height;
  const height = ratio < leastRatio ? Math.max(1, roundHalfEven(image.width / leastRatio)) : image.height;
  const width = ratio > mostRatio ? Math.max(1, roundHalfEven(image.height * mostRatio)) : image.width;
  return {
    top: Math.floor((image.height - height) / 2),
    left: Math.floor((image.width - width) / 2),
    height,
    width,
  };
}

function cutOut({ pixels, width: sourceWidth }: RgbImage, { top, left, height, width }: Rectangle): RgbImage {
  const out_HWC = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * sourceWidth + left) * 3;
    out_HWC.set(pixels.subarray(from, from + width * 3), y * width * 3);
  }
  return { height, width, pixels: out_HWC };
}

export interface CutoutOptions {
  /** Side of the square, as a share of the shorter side of the image, 0 to 1. */
  size: number;
  /** Red, green, blue of the square; what the model takes for the mean. */
  fill: readonly [number, number, number];
}

/**
 * Covers a square whose centre lies anywhere in the image; what lies outside is lost.
 *
 * @see DeVries and Taylor 2017, "Improved regularization of convolutional neural networks with cutout"
 */
export function cutout(image: RgbImage, { size, fill }: CutoutOptions, random: Random): RgbImage {
  const { height, width } = image;
  const side = Math.round(size * Math.min(height, width));
  const top = random.integer(height) - Math.floor(side / 2);
  const left = random.integer(width) - Math.floor(side / 2);
  const pixels = image.pixels.slice();
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++)
    for (let x = Math.max(0, left); x < Math.min(width, left + side); x++)
      pixels.set(fill, (y * width + x) * 3);
  return { height, width, pixels };
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}
