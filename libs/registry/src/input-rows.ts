import { AssayError } from '@assay/core';
import type { InputArray, InputName, ModelInputs } from '@assay/preprocess';

const entriesOf = (inputs: ModelInputs): [InputName, InputArray][] =>
  Object.entries(inputs) as [InputName, InputArray][]; // Object.entries widens the keys to string

/**
 * Number of records in encoded inputs: the size of the axis B, which all inputs share.
 *
 * @throws SHAPE_MISMATCH when there is no input, or B differs between inputs
 */
export function countRows(inputs: ModelInputs): number {
  const sizes = new Map(entriesOf(inputs).map(([name, { shape }]) => [name, shape[0] ?? 0]));
  const [first] = sizes.values();
  if (first === undefined)
    throw new AssayError('SHAPE_MISMATCH', 'The inputs hold no tensor; expected at least one.');
  for (const [name, size] of sizes) {
    if (size !== first) {
      throw new AssayError(
        'SHAPE_MISMATCH',
        `Input ${name} has ${size} rows; the first input has ${first}. All must share the axis B.`,
      );
    }
  }
  return first;
}

/**
 * Puts batches below each other along the axis B.
 *
 * @param batches at least one; all with the same inputs, dtypes and sizes after B
 * @throws SHAPE_MISMATCH when they do not fit each other
 */
export function concatenateInputs(batches: readonly ModelInputs[]): ModelInputs {
  const [first] = batches;
  if (first === undefined)
    throw new AssayError('SHAPE_MISMATCH', 'There is no batch to concatenate; expected at least one.');
  if (batches.length === 1) return first;
  const result: ModelInputs = {};
  for (const [name, model] of entriesOf(first)) {
    const parts = batches.map((batch) => batch[name]).filter((part) => part !== undefined);
    const sizes = model.shape.slice(1);
    if (
      parts.length !== batches.length ||
      parts.some((part) => part.dtype !== model.dtype || !sameSizes(part.shape.slice(1), sizes))
    ) {
      throw new AssayError(
        'SHAPE_MISMATCH',
        `Input ${name} is missing, or has another dtype or shape, in one of ${batches.length} batches.`,
      );
    }
    const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
    const data = emptyLike(
      model.data,
      parts.reduce((sum, part) => sum + part.data.length, 0),
    );
    let offset = 0;
    for (const part of parts) {
      data.set(part.data, offset);
      offset += part.data.length;
    }
    result[name] = { dtype: model.dtype, shape: [rows, ...sizes], data };
  }
  return result;
}

/** Copies one record out of a batch, as a batch with B = 1. */
export function takeRow(inputs: ModelInputs, row: number): ModelInputs {
  const result: ModelInputs = {};
  for (const [name, { dtype, shape, data }] of entriesOf(inputs)) {
    const size = shape.slice(1).reduce((product, dim) => product * dim, 1);
    result[name] = { dtype, shape: [1, ...shape.slice(1)], data: data.slice(row * size, (row + 1) * size) };
  }
  return result;
}

const sameSizes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

function emptyLike(data: InputArray['data'], length: number): InputArray['data'] {
  if (data instanceof Float32Array) return new Float32Array(length);
  return data instanceof Int32Array ? new Int32Array(length) : new Uint8Array(length);
}
