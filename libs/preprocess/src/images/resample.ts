import { AssayError } from '@assay/core';
import { wholeAxis, type Axis } from './axis-weights.js';
import { assertShape, assertSides, type ImageShape, type ImageSides } from './image-shape.js';
import { premultiply, unpremultiply } from './premultiplied-alpha.js';
import type { ResampleFilter } from './resample-filter.js';
import { resampleNearest } from './resample-nearest.js';
import { resamplePasses, type Passes } from './resample-passes.js';

/** A rectangle in pixels; fractions count. */
export interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface ResampleTarget extends ImageSides {
  /** The part of the source that is resampled, whole if left out. The filter still sees the pixels around it. */
  box?: Box;
  /** The part of the result that is wanted, whole if left out; the rest is not computed. */
  window?: ImageSides & { top: number; left: number };
}

/** Pillow filters the rows of taller images first. */
const TALL = 100;

/**
 * Resizes an image bit for bit as `Image.resize` of Pillow 12.3 does without `reducing_gap`: filters widen when the image
 * shrinks, weights have 22 fractional bits, columns come before rows, with 8 bits in between. RGBA is filtered with its
 * colours multiplied by alpha, as there; `nearest` leaves colours alone.
 *
 * @param pixels_HWC uint8
 * @returns uint8 HWC with the sides of the target, or of its window
 * @throws SHAPE_MISMATCH when the pixels do not fit their shape, or the box or window is empty or reaches outside
 * @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/libImaging/Resample.c
 */
export function resample(
  pixels_HWC: Uint8Array,
  shape: ImageShape,
  target: ResampleTarget,
  filter: ResampleFilter,
): Uint8Array {
  assertShape(pixels_HWC, shape);
  assertSides(target);
  const axes = axesOf(shape, target);
  if (filter === 'nearest') return resampleNearest(pixels_HWC, shape, axes);
  if (shape.channels !== 4 || isWhole(axes.rows, axes.columns))
    return resampleSmooth(pixels_HWC, shape, { ...axes, filter });
  const out_HWC = resampleSmooth(premultiply(pixels_HWC), shape, { ...axes, filter });
  unpremultiply(out_HWC);
  return out_HWC;
}

function resampleSmooth(pixels_HWC: Uint8Array, shape: ImageShape, passes: Passes): Uint8Array {
  const { rows, columns, filter } = passes;
  if (shape.height <= shape.width * TALL || rows.outSize >= shape.height)
    return resamplePasses(pixels_HWC, shape, passes);
  const unchanged = wholeAxis(shape.width, shape.width);
  const low_HWC = resamplePasses(pixels_HWC, shape, { rows, columns: unchanged, filter });
  const height = rows.to - rows.from;
  return resamplePasses(low_HWC, { ...shape, height }, { rows: wholeAxis(height, height), columns, filter });
}

/** Whether nothing is resampled at all. */
const isWhole = (...axes: Axis[]): boolean =>
  axes.every(({ size, start, end, outSize }) => start === 0 && end === size && outSize === size);

function axesOf({ height, width }: ImageShape, target: ResampleTarget): { rows: Axis; columns: Axis } {
  const { box, window } = target;
  const rows: Axis = {
    size: height,
    start: Math.fround(box?.top ?? 0),
    end: Math.fround(box?.bottom ?? height),
    outSize: target.height,
    from: window?.top ?? 0,
    to: window === undefined ? target.height : window.top + window.height,
  };
  const columns: Axis = {
    size: width,
    start: Math.fround(box?.left ?? 0),
    end: Math.fround(box?.right ?? width),
    outSize: target.width,
    from: window?.left ?? 0,
    to: window === undefined ? target.width : window.left + window.width,
  };
  for (const axis of [rows, columns]) assertAxis(axis);
  return { rows, columns };
}

function assertAxis({ size, start, end, outSize, from, to }: Axis): void {
  if (!(start >= 0 && start < end && end <= size))
    throw new AssayError(
      'SHAPE_MISMATCH',
      `The box goes from ${start} to ${end} in an image of ${size} pixels. Fix: give a part of the image that is not empty.`,
    );
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= outSize))
    throw new AssayError(
      'SHAPE_MISMATCH',
      `The window goes from ${from} to ${to} in a result of ${outSize} pixels. Fix: give a part of the result that is not empty, in whole pixels.`,
    );
}
