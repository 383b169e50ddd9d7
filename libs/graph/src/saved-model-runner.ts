import { join } from 'node:path';
import { AssayError } from '@assay/core';
import { checkFeeds, type Feed } from './check-feeds.js';
import { DATA_TYPE, type FeedType } from './data-types.js';
import { nativeBackend, type NativeTensor } from './native-backend.js';
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
  #session: number | undefined;

  /** @param session id of the engine; use `loadSavedModel` */
  constructor(dir: string, signature: SavedModelSignature, session: number) {
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
   * @throws SHAPE_MISMATCH when a feed is missing, unknown or has other axes
   * @throws DTYPE_MISMATCH when a feed has another dtype
   * @throws ENGINE_FAILED when an op refuses its values, e.g. (on a CPU) an id outside of its table
   */
  run(feeds: Readonly<Record<string, Feed>>): Record<string, RunResult> {
    const session = this.#session;
    if (session === undefined) {
      throw new AssayError(
        'INTERNAL',
        `The model of ${this.dir} was disposed before it was run. Fix: load it again, or dispose it later.`,
      );
    }
    checkFeeds(this.inputs, feeds);
    const { binding } = nativeBackend();
    const created: number[] = [];
    try {
      const inputs = Object.entries(this.inputs);
      for (const [name, signature] of inputs) created.push(upload(signature, feeds[name]));
      const outputs = Object.entries(this.outputs);
      const nodes = (entries: [string, TensorSignature][]): string =>
        entries.map(([, { node }]) => node).join();
      const results = this.#compute(() =>
        binding.runSavedModel(session, [...created], nodes(inputs), nodes(outputs)),
      );
      created.push(...results.map(({ id }) => id));
      return Object.fromEntries(
        outputs.map(([name, { dtype }], i) => {
          const result = results[i];
          if (result === undefined) throw new AssayError('INTERNAL', `the engine gave no result '${name}'`);
          return [name, { dtype, shape: result.shape, data: download(result.id, dtype) }];
        }),
      );
    } finally {
      for (const id of created) binding.deleteTensor(id);
    }
  }

  #compute(run: () => NativeTensor[]): NativeTensor[] {
    try {
      return run();
    } catch (error) {
      const reason = error instanceof Error ? error.message.trim() : String(error);
      throw new AssayError(
        'ENGINE_FAILED',
        `The engine could not run the model of ${this.dir}: ${reason} Fix: look for values that the model was not made for, such as ids outside of its tables.`,
        { cause: error, details: { dir: this.dir } },
      );
    }
  }

  /** Frees the graph; a second call does nothing. */
  dispose(): void {
    if (this.#session !== undefined) nativeBackend().binding.deleteSavedModel(this.#session);
    this.#session = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function upload({ dtype }: TensorSignature, feed: Feed | undefined): number {
  if (feed === undefined) throw new AssayError('INTERNAL', 'a feed vanished after its check');
  const values = feed.dtype === 'uint8' ? Int32Array.from(feed.data) : feed.data;
  return nativeBackend().binding.createTensor(feed.shape, DATA_TYPE[dtype], values);
}

function download(id: number, dtype: FeedType): Float32Array | Int32Array {
  const values = nativeBackend().binding.tensorDataSync(id);
  return dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
}

/**
 * Loads a SavedModel into the engine. Blocks the thread while it does.
 *
 * @param dir holds `saved_model.pb`; may be deleted afterwards
 * @param options.signature default `serving_default`
 * @returns a runner that the caller disposes
 * @throws FILE_NOT_FOUND when `saved_model.pb` does not exist
 * @throws FILE_CORRUPT when it is damaged or lacks the signature
 * @throws DTYPE_MISMATCH when the signature has a dtype other than float32 and int32
 */
export function loadSavedModel(dir: string, options: { signature?: string } = {}): SavedModelRunner {
  const signature = readSignature(dir, options.signature ?? 'serving_default');
  let session: number;
  try {
    session = nativeBackend().binding.loadSavedModel(dir, 'serve');
  } catch (error) {
    throw corrupt(join(dir, SAVED_MODEL_FILE), 'the engine does not take its graph', error);
  }
  return new SavedModelRunner(dir, signature, session);
}
