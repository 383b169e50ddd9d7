import { isCopy, type Axis } from './axis-weights.js';
import type { ImageShape } from './image-shape.js';
import { kernelsWith, MemoryPlan } from './kernels.js';
import { columnWeights, placeWeights, rowWeights, writeWeights } from './packed-weights.js';
import type { SmoothFilter } from './resample-filter.js';

/** Rows are taken into the memory of the kernels in pieces that the processor's cache holds. */
const PIECE_BYTES = 2 ** 18;

export interface Passes {
  rows: Axis;
  columns: Axis;
  filter: SmoothFilter;
}

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
  { rows, columns, filter }: Passes,
): Uint8Array {
  const plan = new MemoryPlan();
  const across = isCopy(columns) ? null : placeWeights(plan, columnWeights(columns, filter, channels));
  const down = isCopy(rows) ? null : placeWeights(plan, rowWeights(rows, filter));
  const firstRow = down?.first ?? rows.start + rows.from;
  const numRows = down === null ? rows.to - rows.from : down.end - down.first;
  const firstColumn = across?.first ?? columns.start + columns.from;
  const sourceStride = width * channels;
  const numColumns = columns.to - columns.from;
  const stride = numColumns * channels;
  const outRows = rows.to - rows.from;
  const pieceRows = Math.max(1, Math.min(numRows, Math.floor(PIECE_BYTES / sourceStride)));
  const piece = plan.add(across === null ? 0 : pieceRows * sourceStride);
  const middle = plan.add((numRows + 1) * stride); // a group of rows may begin in the last one
  const out = down === null ? middle : plan.add(outRows * stride);
  const kernels = kernelsWith(plan.bytes);
  const memory = new Uint8Array(kernels.memory.buffer);

  const begin = firstRow * sourceStride + firstColumn * channels;
  if (across === null)
    copyRows(pixels_HWC, { begin, stride: sourceStride }, memory, { begin: middle, stride }, numRows);
  else {
    writeWeights(memory, across);
    const horizontal = kernels[`horizontal${channels}`];
    const { boundsAt, weightsAt } = across;
    const lastWidth = (across.end - across.first) * channels;
    for (let row = 0; row < numRows; row += pieceRows) {
      const count = Math.min(pieceRows, numRows - row);
      const from = begin + row * sourceStride;
      memory.set(pixels_HWC.subarray(from, from + (count - 1) * sourceStride + lastWidth), piece);
      const to = middle + row * stride;
      horizontal(piece, sourceStride, count, to, numColumns, boundsAt, weightsAt, across.stride);
    }
  }
  if (down !== null) {
    writeWeights(memory, down);
    kernels.vertical(middle, stride, outRows, out, down.boundsAt, down.weightsAt, down.stride);
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
