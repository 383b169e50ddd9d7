import { join } from 'node:path';
import { AssayError } from '@assay/core';
import type { AxisLength } from './axes.js';
import { checkFeeds, type Feed, type FeedSpec } from './check-feeds.js';
import { assertPath } from './check-settings.js';
import { DATA_TYPE, type FeedType } from './data-types.js';
import { GraphSession, type SessionFeed } from './graph-session.js';
import {
  corrupt,
  readSignature,
  type SavedModelSignature,
  type TensorSignature,
} from './saved-model-signature.js';
import { SAVED_MODEL_FILE } from './write-saved-model.js';

/** One result of a SavedModel. */
export interface RunResult {
  dtype: FeedType;
  shape: number[];
  /** Row-major. */
  data: Float32Array | Int32Array;
}

/** A SavedModel in the engine. Disposing it frees the graph and its weights. */
export class SavedModelRunner {
  readonly dir: string;
  readonly signature: SavedModelSignature;
  readonly #session: GraphSession;

  /** Use `loadSavedModel`. */
  constructor(dir: string, signature: SavedModelSignature, session: GraphSession) {
    this.dir = dir;
    this.signature = signature;
    this.#session = session;
  }

  /** @returns signature of the inputs by name */
  get inputs(): SavedModelSignature['inputs'] {
    return this.signature.inputs;
  }

  /** @returns signature of the outputs by name */
  get outputs(): SavedModelSignature['outputs'] {
    return this.signature.outputs;
  }

  /**
   * Computes every output. Blocks the thread; leaves no tensor behind.
   *
   * @param feeds one per input
   * @returns results by name; their arrays are the caller's
   * @throws USAGE when a feed is missing, unknown or none
   * @throws SHAPE_MISMATCH when a feed has other axes
   * @throws DTYPE_MISMATCH when a feed has another dtype
   * @throws ENGINE_FAILED when an op refuses its values, e.g. (on a CPU) an id outside of its table
   */
  run(feeds: Readonly<Record<string, Feed>>): Record<string, RunResult> {
    checkFeeds('model', specsOf(this.inputs, feeds), feeds);
    const outputs = Object.entries(this.outputs);
    const results = this.#session.run(
      this.#sessionFeeds(feeds),
      outputs.map(([, { node }]) => node),
    );
    return Object.fromEntries(
      outputs.map(([name, { dtype }], i) => {
        const result = results[i];
        if (result === undefined) throw new AssayError('INTERNAL', `the engine gave no result '${name}'`);
        return [name, { dtype, ...result }];
      }),
    );
  }

  #sessionFeeds(feeds: Readonly<Record<string, Feed>>): SessionFeed[] {
    return Object.entries(this.inputs).map(([name, { node, dtype }]) => {
      const { shape, data } = feeds[name] as Feed; // checked
      const values = data instanceof Uint8Array ? Int32Array.from(data) : data;
      return { node, shape, dtype: DATA_TYPE[dtype], data: values };
    });
  }

  /** Frees the graph; a second call does nothing. */
  dispose(): void {
    this.#session.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** @param feeds from anywhere, not checked yet */
const feedTypeOf = (
  feeds: Readonly<Record<string, Feed | undefined>> | undefined | null,
  name: string,
): unknown => feeds?.[name]?.dtype;

/** uint8 may be fed to an int32 input. */
function specsOf(
  signature: SavedModelSignature['inputs'],
  feeds: Readonly<Record<string, Feed>>,
): Record<string, FeedSpec> {
  return Object.fromEntries(
    Object.entries(signature).map(([name, { dtype, shape, axes }]) => {
      const isWidened = dtype === 'int32' && feedTypeOf(feeds, name) === 'uint8';
      return [name, { dtype: isWidened ? 'uint8' : dtype, shape: namedAxes(name, shape, axes) }];
    }),
  );
}

/** Axes without a name in the file, as others than this package write it, may have any length each. */
const namedAxes = (
  input: string,
  shape: TensorSignature['shape'],
  axes: TensorSignature['axes'],
): AxisLength[] => shape.map((length, i) => length ?? axes[i] ?? `${input}/${i}`);

/**
 * Loads a SavedModel into the engine. Blocks the thread while it does.
 *
 * @param dir holds `saved_model.pb`; may be deleted afterwards
 * @param options.signature default `serving_default`
 * @returns a runner that the caller disposes
 * @throws USAGE when `dir` is no text
 * @throws FILE_NOT_FOUND when `saved_model.pb` does not exist or is a folder
 * @throws FILE_CORRUPT when it is damaged or lacks the signature
 * @throws DTYPE_MISMATCH when the signature has a dtype other than float32 and int32
 */
export function loadSavedModel(dir: string, options: { signature?: string } = {}): SavedModelRunner {
  assertPath(dir);
  const signature = readSignature(dir, options.signature ?? 'serving_default');
  let session: GraphSession;
  try {
    session = new GraphSession(dir, `the model of ${dir}`);
  } catch (error) {
    throw corrupt(join(dir, SAVED_MODEL_FILE), 'the engine does not take its graph', error);
  }
  return new SavedModelRunner(dir, signature, session);
}
