import { AssayError } from '@assay/core';
import type { AxisLength } from './axes.js';
import { sizeOf, type TensorValues } from './data-types.js';
import type { TensorSignature } from './saved-model-signature.js';

/** Values for one input of a SavedModel. */
export interface Feed {
  /** `uint8` may be fed to an int32 input: it is widened. */
  dtype: 'float32' | 'int32' | 'uint8';
  shape: readonly number[];
  /** Row-major. */
  data: TensorValues;
}

const ARRAYS = { float32: 'Float32Array', int32: 'Int32Array', uint8: 'Uint8Array' } as const;

/**
 * Checks feeds against a signature. The engine itself takes a wrong shape in silence and computes with it.
 *
 * @throws SHAPE_MISMATCH when a feed is missing, unknown, or has other axes, or when batch sizes differ
 * @throws DTYPE_MISMATCH when a feed has another dtype
 */
export function checkFeeds(
  signature: Readonly<Record<string, TensorSignature>>,
  feeds: Readonly<Record<string, Feed>>,
): void {
  const unknown = Object.keys(feeds).find((name) => signature[name] === undefined);
  if (unknown !== undefined) {
    throw shapeMismatch(
      `The model has no input '${unknown}'; it has ${Object.keys(signature).join(', ')}. Fix: leave it out.`,
    );
  }
  let batch: { name: string; size: number } | undefined;
  for (const [name, expected] of Object.entries(signature)) {
    const feed = feeds[name];
    if (feed === undefined)
      throw shapeMismatch(
        `The model needs the input '${name}'; got ${Object.keys(feeds).join(', ') || 'none'}. Fix: feed it.`,
      );
    // uint8 is widened
    checkFeedType(
      name,
      expected.dtype === 'int32' && feed.dtype === 'uint8' ? 'uint8' : expected.dtype,
      feed,
    );
    checkFeedShape(name, expected.shape, feed, 'encode it with the preprocessor of this model');
    const axis = expected.shape.indexOf(null);
    const size = feed.shape[axis];
    if (size === undefined) continue;
    batch ??= { name, size };
    if (size !== batch.size) {
      throw shapeMismatch(
        `Input '${name}' has a batch of ${size}, '${batch.name}' one of ${batch.size}. Fix: feed the same number of rows to every input.`,
      );
    }
  }
}

/**
 * @throws DTYPE_MISMATCH when the dtype of a feed, or the array that holds it, is not the expected one
 */
export function checkFeedType(name: string, dtype: Feed['dtype'], feed: Feed): void {
  if (feed.dtype !== dtype) {
    throw new AssayError(
      'DTYPE_MISMATCH',
      `Input '${name}' is ${dtype}; got ${feed.dtype}. Fix: feed a ${ARRAYS[dtype]} with dtype '${dtype}'.`,
    );
  }
  const received = Object.prototype.toString.call(feed.data).slice(8, -1); // by tag: Buffers are Uint8Arrays, and realms differ
  if (received !== ARRAYS[feed.dtype]) {
    throw new AssayError(
      'DTYPE_MISMATCH',
      `The data of input '${name}' is a ${received}; its dtype ${feed.dtype} needs a ${ARRAYS[feed.dtype]}. Fix: convert it.`,
    );
  }
}

/**
 * @param fix what to do about another shape
 * @throws SHAPE_MISMATCH when a feed has other axes, or more or fewer values
 */
export function checkFeedShape(name: string, shape: readonly AxisLength[], feed: Feed, fix: string): void {
  const fits =
    feed.shape.length === shape.length && shape.every((length, axis) => lengthFits(length, feed.shape[axis]));
  if (!fits) {
    const wanted = shape.map((length) => length ?? 'B').join(', ');
    throw shapeMismatch(
      `Input '${name}' must have the shape [${wanted}]; got [${feed.shape.join(', ')}]. Fix: ${fix}.`,
    );
  }
  const size = sizeOf(feed.shape);
  if (feed.data.length !== size) {
    throw shapeMismatch(
      `Input '${name}' of shape [${feed.shape.join(', ')}] needs ${size} values; got ${feed.data.length}. Fix: feed all values of that shape.`,
    );
  }
}

const lengthFits = (expected: AxisLength, received: number | undefined): boolean =>
  typeof expected === 'number'
    ? received === expected
    : received !== undefined && Number.isInteger(received) && received >= 1;

const shapeMismatch = (message: string): AssayError => new AssayError('SHAPE_MISMATCH', message);
