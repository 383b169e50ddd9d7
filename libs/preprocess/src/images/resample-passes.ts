import { axisWeights, isCopy, type Axis } from './axis-weights.js';
import type { ImageShape } from './image-shape.js';
import { kernelsWith, MemoryPlan } from './kernels.js';
import { packWeights, type PackedWeights } from './packed-weights.js';
import type { SmoothFilter } from './resample-filter.js';

/** Rows are taken into the memory of the kernels in pieces that the processor's cache holds. */
const PIECE_BYTES = 2 ** 18;
const GROUP_OF_ROWS = 2;
const GROUP_OF_COLUMNS = { 1: 8, 3: 4, 4: 4 } as const;
const CACHED_AXES = 64;

/** Packed weights by what they depend on; the least recently used go first. */
const cache = new Map<string, PackedWeights>();

/**
 * Filters the columns of an image, then its rows, rounding to 8 bits in between, as Pillow does. An axis that only picks
 * pixels is not filtered. Only what the wanted outputs depend on is read and computed.
 *
 * @param pixels_HWC uint8
 * @returns uint8 HWC, as many rows and columns as the axes want
 */
export function resamplePasses(
  pixels_HWC: Uint8Array,
  { width, channels }: ImageShape,
  { rows, columns, filter }: { rows: Axis; columns: Axis; filter: SmoothFilter },
): Uint8Array {
  const across = isCopy(columns) ? null : packed(columns, filter, GROUP_OF_COLUMNS[channels], channels);
  const down = isCopy(rows) ? null : packed(rows, filter, GROUP_OF_ROWS, 1);
  const firstRow = down?.first ?? rows.start + rows.from;
  const numRows = down === null ? rows.to - rows.from : down.end - down.first;
  const firstColumn = across?.first ?? columns.start + columns.from;
  const sourceStride = width * channels;
  const stride = (columns.to - columns.from) * channels;
  const outRows = rows.to - rows.from;
  const pieceRows = Math.max(1, Math.min(numRows, Math.floor(PIECE_BYTES / sourceStride)));

  const plan = new MemoryPlan();
  const acrossAt = across === null ? null : place(plan, across);
  const downAt = down === null ? null : place(plan, down);
  const piece = plan.add(across === null ? 0 : pieceRows * sourceStride);
  const middle = plan.add((numRows + 1) * stride); // a group of rows may begin in the last one
  const out = down === null ? middle : plan.add(outRows * stride);
  const kernels = kernelsWith(plan.bytes);
  const memory = new Uint8Array(kernels.memory.buffer);

  const horizontal = kernels[`horizontal${channels}`];
  const begin = firstRow * sourceStride + firstColumn * channels;
  if (across === null || acrossAt === null)
    copyRows(pixels_HWC, { begin, stride: sourceStride }, memory, { begin: middle, stride }, numRows);
  else {
    memory.set(across.bounds, acrossAt.bounds);
    memory.set(across.weights, acrossAt.weights);
    for (let row = 0; row < numRows; row += pieceRows) {
      const count = Math.min(pieceRows, numRows - row);
      const from = begin + row * sourceStride;
      const lastWidth = (across.end - across.first) * channels;
      memory.set(pixels_HWC.subarray(from, from + (count - 1) * sourceStride + lastWidth), piece);
      const numColumns = columns.to - columns.from;
      const to = middle + row * stride;
      horizontal(
        piece,
        sourceStride,
        count,
        to,
        numColumns,
        acrossAt.bounds,
        acrossAt.weights,
        across.stride,
      );
    }
  }
  if (down !== null && downAt !== null) {
    memory.set(down.bounds, downAt.bounds);
    memory.set(down.weights, downAt.weights);
    kernels.vertical(middle, stride, outRows, out, downAt.bounds, downAt.weights, down.stride);
  }
  return memory.slice(out, out + outRows * stride);
}

interface Rows {
  /** Index of the first byte. */
  begin: number;
  /** Bytes from a row to the next. */
  stride: number;
}

/** Copies rows as wide as those of the target. */
function copyRows(source: Uint8Array, from: Rows, target: Uint8Array, to: Rows, numRows: number): void {
  if (from.stride === to.stride) {
    target.set(source.subarray(from.begin, from.begin + numRows * from.stride), to.begin);
    return;
  }
  for (let row = 0; row < numRows; row++) {
    const start = from.begin + row * from.stride;
    target.set(source.subarray(start, start + to.stride), to.begin + row * to.stride);
  }
}

/** Addresses of the bounds and of the weights. */
function place(plan: MemoryPlan, weights: PackedWeights): { bounds: number; weights: number } {
  return { bounds: plan.add(weights.bounds.length), weights: plan.add(weights.weights.length) };
}

function packed(axis: Axis, filter: SmoothFilter, groupSize: number, unit: number): PackedWeights {
  const { size, start, end, outSize, from, to } = axis;
  const key = [size, start, end, outSize, from, to, filter, groupSize, unit].join();
  const weights = cache.get(key) ?? packWeights(axisWeights(axis, filter), groupSize, unit);
  cache.delete(key);
  cache.set(key, weights); // last in the order of insertion: most recently used
  for (const oldest of cache.keys()) {
    if (cache.size <= CACHED_AXES) break;
    cache.delete(oldest);
  }
  return weights;
}
