import type { AxisWeights } from './axis-weights.js';

/** Weights of an axis as the kernels read them. */
export interface PackedWeights {
  /** For each output two int32: where its pixels begin, and the bytes of its weights. */
  bounds: Uint8Array;
  /** For each output groups of weights: the high halves, then the low ones, as int16. */
  weights: Uint8Array;
  /** Bytes from the weights of an output to those of the next. */
  stride: number;
  /** The source pixels that are read: `first` ≤ i < `end`. */
  first: number;
  end: number;
}

const LOW_BITS = 11;

/**
 * @param groupSize weights in a group
 * @param unit what a step of one source pixel adds to the first number of `bounds`
 */
export function packWeights(axis: AxisWeights, groupSize: number, unit: number): PackedWeights {
  const numOutputs = axis.first.length;
  const first = axis.first.reduce((least, i) => Math.min(least, i), Infinity);
  const groupBytes = groupSize * 4;
  const stride = Math.ceil(axis.maxCount / groupSize) * groupBytes;
  const bounds = new Int32Array(numOutputs * 2);
  const halves = new Int16Array((numOutputs * stride) / 2);
  let end = 0;
  for (let i = 0; i < numOutputs; i++) {
    const start = axis.first[i] ?? 0;
    const count = axis.count[i] ?? 0;
    bounds[2 * i] = (start - first) * unit;
    bounds[2 * i + 1] = Math.ceil(count / groupSize) * groupBytes;
    end = Math.max(end, start + count);
    for (let tap = 0; tap < count; tap++) {
      const weight = axis.weights[i * axis.maxCount + tap] ?? 0;
      const group = Math.floor(tap / groupSize);
      const at = (i * stride) / 2 + group * 2 * groupSize + (tap - group * groupSize);
      halves[at] = weight >> LOW_BITS;
      halves[at + groupSize] = weight & (2 ** LOW_BITS - 1);
    }
  }
  return {
    bounds: new Uint8Array(bounds.buffer),
    weights: new Uint8Array(halves.buffer),
    stride,
    first,
    end,
  };
}
