import { AssayError } from '@assay/core';
import { DATA_TYPE } from './data-types.js';
import { nativeBackend } from './native-backend.js';

/** A value for a node. */
export interface SessionFeed {
  /** Like `feed/token_BL:0`. */
  node: string;
  shape: readonly number[];
  dtype: number;
  data: Float32Array | Int32Array | readonly Uint8Array[];
}

/** A value of a node. */
export interface SessionResult {
  shape: number[];
  /** float32 or int32, row-major; the caller's. Empty for a string. */
  data: Float32Array | Int32Array;
}

/** A graph in the engine, with the values of its variables. */
export class GraphSession {
  readonly #name: string;
  #id: number | undefined;

  /**
   * Loads a graph. Blocks the thread while it does.
   *
   * @param dir holds `saved_model.pb`; may be deleted afterwards
   * @param name in errors, like `the compiled program`
   * @throws ENGINE_FAILED when the engine does not take it
   */
  constructor(dir: string, name: string) {
    this.#name = name;
    this.#id = this.#attempt('load', () => nativeBackend().binding.loadSavedModel(dir, 'serve'));
  }

  /**
   * Computes nodes. Blocks the thread; leaves no tensor behind.
   *
   * @param fetches outputs like `report:0`, at least one
   * @returns one result per fetch
   * @throws ENGINE_FAILED when an op refuses its values
   * @throws USAGE when it was disposed
   */
  run(feeds: readonly SessionFeed[], fetches: readonly string[]): SessionResult[] {
    const session = this.assertAlive();
    const { binding } = nativeBackend();
    const created: number[] = [];
    try {
      for (const { shape, dtype, data } of feeds) created.push(binding.createTensor(shape, dtype, data));
      const names = feeds.map(({ node }) => node).join();
      const results = this.#attempt('run', () =>
        binding.runSavedModel(session, [...created], names, fetches.join()),
      );
      created.push(...results.map(({ id }) => id));
      return results.map(({ id, shape, dtype }) => ({ shape, data: download(id, dtype) }));
    } finally {
      for (const id of created) binding.deleteTensor(id);
    }
  }

  /** @returns the engine's number of the graph @throws USAGE when it was disposed */
  assertAlive(): number {
    if (this.#id !== undefined) return this.#id;
    throw new AssayError(
      'USAGE',
      `The engine cannot run ${this.#name}: it was disposed. Fix: dispose it later, or make it again.`,
    );
  }

  /** Frees the graph and its variables; a second call does nothing. */
  dispose(): void {
    if (this.#id !== undefined) nativeBackend().binding.deleteSavedModel(this.#id);
    this.#id = undefined;
  }

  #attempt<R>(what: 'load' | 'run', call: () => R): R {
    try {
      return call();
    } catch (error) {
      const reason = error instanceof Error ? error.message.trim() : String(error);
      throw new AssayError(
        'ENGINE_FAILED',
        `The engine could not ${what} ${this.#name}: ${reason} Fix: look for values that it was not made for, such as ids outside of its tables, or for a device that this machine lacks.`,
        { cause: error },
      );
    }
  }
}

/** A copy: the engine's own memory goes with the tensor. */
function download(id: number, dtype: number): Float32Array | Int32Array {
  if (dtype === DATA_TYPE.string) return new Int32Array();
  const values = nativeBackend().binding.tensorDataSync(id);
  return values instanceof Float32Array ? Float32Array.from(values) : Int32Array.from(values);
}
