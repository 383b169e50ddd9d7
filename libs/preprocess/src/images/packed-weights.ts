import { axisWeights, type Axis, type AxisWeights } from './axis-weights.js';
import type { MemoryPlan } from './kernels.js';
import type { SmoothFilter } from './resample-filter.js';

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

/** Weights in the memory of the kernels. */
export interface PlacedWeights extends PackedWeights {
  boundsAt: number;
  weightsAt: number;
}

const LOW_BITS = 11;
const GROUP_OF_ROWS = 2;
const GROUP_OF_COLUMNS = { 1: 8, 3: 4, 4: 4 } as const;
const CACHED_BYTES = 2 ** 24;

/** Packed weights by what they depend on; the least recently used go first. */
const cache = new Map<string, PackedWeights>();
let cachedBytes = 0;

/** Weights for `vertical`. */
export function rowWeights(axis: Axis, filter: SmoothFilter): PackedWeights {
  return remembered(axis, filter, GROUP_OF_ROWS, 1);
}

/** Weights for `horizontal` of so many channels. */
export function columnWeights(axis: Axis, filter: SmoothFilter, channels: 1 | 3 | 4): PackedWeights {
  return remembered(axis, filter, GROUP_OF_COLUMNS[channels], channels);
}

/** Finds room for weights. */
export function placeWeights(plan: MemoryPlan, packed: PackedWeights): PlacedWeights {
  return { ...packed, boundsAt: plan.add(packed.bounds.length), weightsAt: plan.add(packed.weights.length) };
}

/** Copies weights to their place. */
export function writeWeights(
  memory: Uint8Array,
  { bounds, boundsAt, weights, weightsAt }: PlacedWeights,
): void {
  memory.set(bounds, boundsAt);
  memory.set(weights, weightsAt);
}

function remembered(axis: Axis, filter: SmoothFilter, groupSize: number, unit: number): PackedWeights {
  const { size, start, end, outSize, from, to } = axis;
  const key = [size, start, end, outSize, from, to, filter, groupSize, unit].join();
  const known = cache.get(key);
  const weights = known ?? packWeights(axisWeights(axis, filter), groupSize, unit);
  cache.delete(key);
  cache.set(key, weights); // last in the order of insertion: most recently used
  if (known === undefined) cachedBytes += weights.weights.length;
  for (const [oldest, { weights: bytes }] of cache) {
    if (cachedBytes <= CACHED_BYTES) break;
    cache.delete(oldest);
    cachedBytes -= bytes.length;
  }
  return weights;
}

/**
 * @param groupSize weights in a group
 * @param unit what a step of one source pixel adds to the first number of `bounds`
 */
function packWeights(axis: AxisWeights, groupSize: number, unit: number): PackedWeights {
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
