import { AssayError } from '@assay/core';
import { assertSides, type ImageSides, type RgbImage } from './image-shape.js';
import { resample } from './resample.js';
import type { ResampleFilter } from './resample-filter.js';
import { roundHalfEven } from './round-half-even.js';

/** How an image of any size becomes one of a fixed size. */
export type ResizePolicy = StretchPolicy | CoverPolicy | ContainPolicy;

/** Both sides are resized, whatever becomes of the proportions: ViT and SigLIP. */
export interface StretchPolicy extends ImageSides {
  fit: 'stretch';
  filter: ResampleFilter;
}

/** Resized until it covers the target, then cut at the centre: CLIP, ConvNeXt, torchvision. */
export interface CoverPolicy extends ImageSides {
  fit: 'cover';
  filter: ResampleFilter;
  /** Pixels of the shorter side before the cut, at least the larger side of the target. Left out: as few as cover it. */
  shortestEdge?: number;
  /**
   * Where the cut begins when an odd number of pixels is left over: `transformers` takes the half rounded down;
   * torchvision's CenterCrop the half rounded to even, so that of 3 pixels 2 go before.
   */
  crop: 'transformers' | 'torchvision';
}

/** Resized until it fits into the target, and centred on a colour: letterbox, as `ImageOps.pad` of Pillow. */
export interface ContainPolicy extends ImageSides {
  fit: 'contain';
  filter: ResampleFilter;
  /** Red, green, blue, each 0 to 255. */
  background: readonly [number, number, number];
}

/**
 * Resizes an image by a policy, bit for bit as Pillow's resampler gives it. Of a long image only what is kept is computed.
 *
 * @returns an image with the height and width of the policy
 * @throws SHAPE_MISMATCH when pixels and shape differ, or `shortestEdge` is smaller than the target
 * @see https://github.com/pytorch/vision/blob/v0.20.0/torchvision/transforms/functional.py (resize, center_crop)
 */
export function resizeImage(image: RgbImage, policy: ResizePolicy): RgbImage {
  assertSides(image);
  assertSides(policy);
  switch (policy.fit) {
    case 'stretch':
      return resized(image, policy, policy.filter);
    case 'cover':
      return cover(image, policy);
    case 'contain':
      return contain(image, policy);
  }
}

function resized(image: RgbImage, { height, width }: ImageSides, filter: ResampleFilter): RgbImage {
  const pixels = resample(image.pixels, { ...image, channels: 3 }, { height, width }, filter);
  return { height, width, pixels };
}

function cover(image: RgbImage, policy: CoverPolicy): RgbImage {
  const { height, width, filter } = policy;
  const whole = coveringSides(image, policy);
  const window = {
    height,
    width,
    top: cropStart(whole.height - height, policy.crop),
    left: cropStart(whole.width - width, policy.crop),
  };
  const pixels = resample(image.pixels, { ...image, channels: 3 }, { ...whole, window }, filter);
  return { height, width, pixels };
}

/** One side as asked for, the other in proportion, its fraction cut off. */
function coveringSides(image: ImageSides, { height, width, shortestEdge }: CoverPolicy): ImageSides {
  if (shortestEdge === undefined)
    return height * image.width >= width * image.height
      ? scaledToHeight(image, height)
      : scaledToWidth(image, width);
  if (!Number.isInteger(shortestEdge) || shortestEdge < Math.max(height, width))
    throw new AssayError(
      'SHAPE_MISMATCH',
      `The shorter side is resized to ${shortestEdge} pixels, and ${height} × ${width} are cut from it. Fix: make shortestEdge a whole number of at least ${Math.max(height, width)}.`,
    );
  return image.height < image.width
    ? scaledToHeight(image, shortestEdge)
    : scaledToWidth(image, shortestEdge);
}

const scaledToHeight = (image: ImageSides, height: number): ImageSides => ({
  height,
  width: Math.trunc((height * image.width) / image.height),
});
const scaledToWidth = (image: ImageSides, width: number): ImageSides => ({
  height: Math.trunc((width * image.height) / image.width),
  width,
});

function cropStart(left: number, crop: CoverPolicy['crop']): number {
  return crop === 'torchvision' ? roundHalfEven(left / 2) : Math.floor(left / 2);
}

function contain(image: RgbImage, policy: ContainPolicy): RgbImage {
  const { height, width, filter, background } = policy;
  const inner = resized(image, containedSides(image, policy), filter);
  if (inner.height === height && inner.width === width) return inner;
  const pixels = new Uint8Array(height * width * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = background[i % 3] ?? 0;
  const top = roundHalfEven((height - inner.height) / 2);
  const left = roundHalfEven((width - inner.width) / 2);
  const innerStride = inner.width * 3;
  for (let y = 0; y < inner.height; y++)
    pixels.set(inner.pixels.subarray(y * innerStride, (y + 1) * innerStride), ((top + y) * width + left) * 3);
  return { height, width, pixels };
}

/** As `ImageOps.contain` of Pillow, but that no side is less than one pixel. */
function containedSides(image: ImageSides, { height, width }: ImageSides): ImageSides {
  const ratio = image.width / image.height;
  const wanted = width / height;
  if (ratio > wanted)
    return { height: Math.max(1, roundHalfEven((image.height / image.width) * width)), width };
  if (ratio < wanted) return { height, width: Math.max(1, roundHalfEven(ratio * height)) };
  return { height, width };
}
