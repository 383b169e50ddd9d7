/**
 * Codes of TensorFlow's data types that a traced graph may hold.
 *
 * @see tensorflow/core/framework/types.proto
 */
export const DATA_TYPE = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
  uint64: 23,
} as const;

/** Data types that may cross the border between JavaScript and a graph. */
export type FeedType = 'float32' | 'int32';

/** Values of a tensor, row-major. */
export type TensorValues = Float32Array | Int32Array | Uint8Array;

/** Name of a data type for messages. */
export function dataTypeName(code: number): string {
  return Object.entries(DATA_TYPE).find(([, value]) => value === code)?.[0] ?? `data type ${code}`;
}

/** Number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
