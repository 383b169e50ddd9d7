import { KERNELS, type SmoothFilter } from './resample-filter.js';

/** How one axis of an image is resampled. */
export interface Axis {
  /** Source pixels along the axis. */
  size: number;
  /** The part that is resampled, in source pixels; fractions in single precision. */
  start: number;
  end: number;
  /** Output pixels for that part. */
  outSize: number;
  /** The outputs that are wanted: `from` ≤ i < `to`. */
  from: number;
  to: number;
}

/** Weights of an axis: output i is the sum of `count[i]` source pixels from `first[i]` on. */
export interface AxisWeights {
  first: Int32Array;
  count: Int32Array;
  /** Rows of `maxCount` integers with 22 fractional bits. */
  weights: Int32Array;
  maxCount: number;
}

/** Pillow's PRECISION_BITS: 8 bits are the pixel, 2 are room for weights below 0 and sums above 1. */
const ONE = 2 ** 22;

/** All of an axis. */
export function wholeAxis(size: number, outSize: number): Axis {
  return { size, start: 0, end: size, outSize, from: 0, to: outSize };
}

/** Whether an axis only picks whole pixels, so that no filter changes anything. */
export function isCopy({ start, end, outSize }: Axis): boolean {
  return Number.isInteger(start) && end - start === outSize;
}

/**
 * Weights of each wanted output, as Pillow computes and rounds them.
 *
 * @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/libImaging/Resample.c (precompute_coeffs)
 */
export function axisWeights(
  { size, start, end, outSize, from, to }: Axis,
  filter: SmoothFilter,
): AxisWeights {
  const kernel = KERNELS[filter];
  const scale = Math.fround(end - start) / outSize;
  const stretch = Math.max(1, scale);
  const perPixel = 1 / stretch;
  const support = kernel.support * stretch;
  const maxCount = Math.min(size, Math.ceil(support) * 2 + 1);
  const first = new Int32Array(to - from);
  const count = new Int32Array(to - from);
  const weights = new Int32Array((to - from) * maxCount);
  const exact = new Float64Array(maxCount);
  for (let i = 0; i < to - from; i++) {
    const center = start + (i + from + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const numTaps = Math.min(size, Math.trunc(center + support + 0.5)) - low;
    let sum = 0;
    for (let x = 0; x < numTaps; x++) {
      const weight = kernel.weight((x + low - center + 0.5) * perPixel);
      exact[x] = weight;
      sum += weight;
    }
    for (let x = 0; x < numTaps; x++) {
      const weight = sum === 0 ? 0 : (exact[x] ?? 0) / sum;
      weights[i * maxCount + x] = Math.trunc(weight * ONE + (weight < 0 ? -0.5 : 0.5));
    }
    first[i] = low;
    count[i] = numTaps;
  }
  return { first, count, weights, maxCount };
}
