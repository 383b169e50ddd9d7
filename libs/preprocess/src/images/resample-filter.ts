/** Filters of Pillow's resampler. */
export const RESAMPLE_FILTERS = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
export type ResampleFilter = (typeof RESAMPLE_FILTERS)[number];
export type SmoothFilter = Exclude<ResampleFilter, 'nearest'>;

interface Kernel {
  /** Weight at a distance from the centre, in source pixels, or in output pixels when the image shrinks. */
  weight: (x: number) => number;
  /** The weight is zero at this distance and beyond. */
  support: number;
}

/** Pillow writes these two in single precision. */
const HAMMING_CONSTANT = Math.fround(0.54);
const HAMMING_COSINE = Math.fround(0.46);
const BICUBIC_A = -0.5;

/** @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/libImaging/Resample.c */
export const KERNELS: Readonly<Record<SmoothFilter, Kernel>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function hamming(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= 1) return 0;
  const angle = Math.abs(x) * Math.PI;
  return (Math.sin(angle) / angle) * (HAMMING_CONSTANT + HAMMING_COSINE * Math.cos(angle));
}

function bicubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((BICUBIC_A + 2) * d - (BICUBIC_A + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * BICUBIC_A;
  return 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}
