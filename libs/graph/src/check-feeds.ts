import { AssayError } from '@assay/core';
import { axisName, type AxisLength, type AxisSizes } from './axes.js';
import { assertRecord, ownOf } from './check-settings.js';
import { sizeOf, type TensorValues } from './data-types.js';
import { isTensor } from './stand-ins.js';

/** Values for one input of a SavedModel. */
export interface Feed {
  /** `uint8` may be fed to an int32 input: it is widened. */
  dtype: 'float32' | 'int32' | 'uint8';
  shape: readonly number[];
  /** Row-major. */
  data: TensorValues;
}

const ARRAYS = { float32: 'Float32Array', int32: 'Int32Array', uint8: 'Uint8Array' } as const;

/** What a feed must be like. */
export interface FeedSpec {
  dtype: Feed['dtype'];
  shape: readonly AxisLength[];
}

/** Who takes feeds, and what helps when their shape is wrong. */
const TAKERS = {
  model: 'encode it with the preprocessor of this model',
  program: 'feed the axes that the model declares',
} as const;

/**
 * Checks feeds against what is expected. The engine itself takes a wrong shape in silence and computes with it.
 *
 * @returns sizes of the named axes
 * @throws USAGE when the feeds are no object, or when one is missing, unknown or no object of dtype, shape and data
 * @throws SHAPE_MISMATCH when a feed has other axes, or when a named axis has two lengths
 * @throws DTYPE_MISMATCH when a feed has another dtype
 */
export function checkFeeds(
  taker: keyof typeof TAKERS,
  specs: Readonly<Record<string, FeedSpec>>,
  feeds: Readonly<Record<string, Feed>>,
): AxisSizes {
  assertRecord(feeds, `The ${taker} takes`, '{ name: { dtype, shape, data } }');
  const unknown = Object.keys(feeds).find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined) {
    throw usage(
      `The ${taker} takes no input '${unknown}'; it takes ${Object.keys(specs).join(', ')}. Fix: leave it out.`,
    );
  }
  const axes = new AxisLengths();
  for (const [name, { dtype, shape }] of Object.entries(specs)) {
    const feed = ownOf(feeds, name);
    if (feed === undefined) {
      throw usage(
        `The ${taker} needs the input '${name}'; got ${Object.keys(feeds).join(', ') || 'none'}. Fix: feed it.`,
      );
    }
    checkFeedForm(name, feed);
    checkFeedType(name, dtype, feed);
    checkFeedShape(name, shape, feed, TAKERS[taker]);
    axes.add(name, shape, feed.shape);
  }
  return axes.sizes;
}

/** The lengths of named axes, and the inputs that gave them. */
class AxisLengths {
  /** Length of each axis, and the input that gave it first. */
  readonly #known = new Map<string, { length: number; input: string }>();

  get sizes(): AxisSizes {
    return Object.fromEntries([...this.#known].map(([axis, { length }]) => [axis, length]));
  }

  add(input: string, shape: readonly AxisLength[], received: readonly number[]): void {
    shape.forEach((expected, i) => {
      const axis = axisName(expected);
      const length = received[i];
      if (axis === undefined || length === undefined) return;
      const known = this.#known.get(axis) ?? { length, input };
      this.#known.set(axis, known);
      if (known.length === length) return;
      throw shapeMismatch(
        `Input '${input}' has ${axis}=${length}, '${known.input}' has ${axis}=${known.length}. Fix: feed the same length of ${axis} to every input.`,
      );
    });
  }
}

/** @param feed from anywhere: types do not hold for JavaScript @throws USAGE when it has not the parts of a feed */
function checkFeedForm(name: string, feed: unknown): void {
  if (
    !isTensor(feed) &&
    typeof feed === 'object' &&
    feed !== null &&
    'shape' in feed &&
    Array.isArray(feed.shape)
  )
    return;
  const received = isTensor(feed)
    ? 'a tensor'
    : feed === null
      ? 'null'
      : `of the type ${Object.prototype.toString.call(feed).slice(8, -1)}`;
  throw usage(
    `Input '${name}' is ${received}; expected { dtype, shape, data }. Fix: feed numbers${isTensor(feed) ? ', like data: await tensor.data()' : ' with their shape'}.`,
  );
}

/**
 * @throws DTYPE_MISMATCH when the dtype of a feed, or the array that holds it, is not the expected one
 */
function checkFeedType(name: string, dtype: Feed['dtype'], feed: Feed): void {
  if (feed.dtype !== dtype) {
    throw new AssayError(
      'DTYPE_MISMATCH',
      `Input '${name}' is ${dtype}; got ${String(feed.dtype ?? 'no dtype')}. Fix: feed ${dtype === 'int32' ? 'an' : 'a'} ${ARRAYS[dtype]} with dtype '${dtype}'.`,
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
function checkFeedShape(name: string, shape: readonly AxisLength[], feed: Feed, fix: string): void {
  const fits =
    feed.shape.length === shape.length && shape.every((length, axis) => lengthFits(length, feed.shape[axis]));
  if (!fits) {
    const wanted = shape.map((length) => length ?? 'B').join(', ');
    throw shapeMismatch(
      `Input '${name}' must have the shape [${wanted}]; got [${feed.shape.join(', ')}]. Fix: ${feed.shape.includes(0) ? 'feed at least one row: every axis has a length of 1 or more' : fix}.`,
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

const usage = (message: string): AssayError => new AssayError('USAGE', message);
const shapeMismatch = (message: string): AssayError => new AssayError('SHAPE_MISMATCH', message);
