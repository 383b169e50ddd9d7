import { AssayError } from '@assay/core';

/** One length of a shape: a number, or the name of an axis whose length differs from call to call; null is the axis B. */
export type AxisLength = number | string | null;

/** Lengths of the named axes in one run, e.g. { B: 32, L: 48 }. */
export type AxisSizes = Readonly<Record<string, number>>;

/** Name of the batch axis. */
export const BATCH = 'B';

/**
 * Per named axis, in the order of `axesOf`: two sizes for a grid, from which the dependence on all axes is solved, and two
 * for the check of it, of which one is odd and one even, one larger and one smaller, so that a slice to min(B, 4) or a
 * ceil(B / 2) is noticed. No two axes share a size, so one cannot be taken for the other.
 */
const SIZES = [
  { grid: [5, 7], check: [11, 2] },
  { grid: [6, 10], check: [9, 13] },
  { grid: [8, 14], check: [17, 12] },
] as const;

export const axisName = (length: AxisLength): string | undefined =>
  typeof length === 'number' ? undefined : (length ?? BATCH);

/** Shape with −1 or null in place of named axes, as TensorFlow writes it. */
export const staticShape = (shape: readonly AxisLength[]): (number | null)[] =>
  shape.map((length) => (typeof length === 'number' ? length : null));

/**
 * Names of the axes of some shapes, B first.
 *
 * @throws TRACE_UNSUPPORTED when there are more than three
 */
export function axesOf(shapes: Iterable<readonly AxisLength[]>): string[] {
  const names = new Set<string>();
  for (const shape of shapes) for (const length of shape) names.add(axisName(length) ?? '');
  names.delete('');
  const axes = [...names].sort((a, b) => Number(b === BATCH) - Number(a === BATCH));
  if (axes.length <= SIZES.length) return axes;
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `The inputs have ${axes.length} named axes (${axes.join(', ')}), expected at most ${SIZES.length}. Fix: give the others a number.`,
  );
}

/**
 * Sizes of the axes at which a function is recorded: the corners of a grid, first axis fastest, then two checks.
 * A function without named axes is recorded twice: what changes from run to run is noticed.
 */
export function recordingPoints(axes: readonly string[]): AxisSizes[] {
  if (axes.length === 0) return [{}, {}];
  const corners = Array.from({ length: 2 ** axes.length }, (_, corner) =>
    sizesAt(axes, (i) => SIZES[i]?.grid[(corner >> i) & 1]),
  );
  return [...corners, ...[0, 1].map((check) => sizesAt(axes, (i) => SIZES[i]?.check[check]))];
}

function sizesAt(axes: readonly string[], sizeOf: (axis: number) => number | undefined): AxisSizes {
  return Object.fromEntries(axes.map((name, i) => [name, sizeOf(i) ?? 0]));
}

/** Lengths of a shape in one run. */
export const shapeAt = (shape: readonly AxisLength[], sizes: AxisSizes): number[] =>
  shape.map((length) => (typeof length === 'number' ? length : (sizes[axisName(length) ?? ''] ?? 0)));

/** "B=5, L=6" */
export const describeSizes = (sizes: AxisSizes): string =>
  Object.entries(sizes)
    .map(([name, size]) => `${name}=${size}`)
    .join(', ');
