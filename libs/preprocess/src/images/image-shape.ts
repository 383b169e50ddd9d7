import { AssayError } from '@assay/core';

/** Sides of an image, in pixels. */
export interface ImageSides {
  height: number;
  width: number;
}

/** The axes of pixels in rows, with the channels of a pixel together (HWC): grey, RGB or RGBA. */
export interface ImageShape extends ImageSides {
  channels: 1 | 3 | 4;
}

/** RGB pixels and their size. */
export interface RgbImage extends ImageSides {
  /** uint8, HWC with 3 channels. */
  pixels: Uint8Array;
}

/** @throws SHAPE_MISMATCH when there are more or fewer pixels than the shape says, or none */
export function assertShape(pixels: Uint8Array, { height, width, channels }: ImageShape): void {
  assertSides({ height, width });
  if (pixels.length === height * width * channels) return;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `An image has ${pixels.length} values; expected ${height} × ${width} × ${channels}. Fix: pass the shape that the pixels were decoded with.`,
    { details: { height, width, channels } },
  );
}

/** @throws SHAPE_MISMATCH when a side is no whole number of at least 1 */
export function assertSides({ height, width }: ImageSides): void {
  if (Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0) return;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `An image of ${height} × ${width} pixels was asked for. Fix: give each side at least one whole pixel.`,
    { details: { height, width } },
  );
}
