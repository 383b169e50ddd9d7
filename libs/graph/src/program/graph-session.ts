import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '@assay/core';
import { DATA_TYPE } from '../data-types.js';
import { nativeBackend } from '../native-backend.js';
import { SAVED_MODEL_FILE } from '../write-saved-model.js';

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
  #id: number | undefined;

  /**
   * Loads a graph. The engine takes graphs from directories only: a temporary one, gone when this returns.
   *
   * @param bytes a `saved_model.pb`
   * @throws ENGINE_FAILED when the engine does not take it
   */
  constructor(bytes: Uint8Array) {
    const dir = mkdtempSync(join(tmpdir(), 'assay-graph-'));
    try {
      writeFileSync(join(dir, SAVED_MODEL_FILE), bytes);
      this.#id = nativeBackend().binding.loadSavedModel(dir, 'serve');
    } catch (error) {
      throw engineFailed('load the compiled graph', error);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /**
   * Computes nodes. Blocks the thread; leaves no tensor behind.
   *
   * @param fetches outputs like `report:0`, at least one
   * @throws ENGINE_FAILED when an op refuses its values
   */
  run(feeds: readonly SessionFeed[], fetches: readonly string[]): SessionResult[] {
    if (this.#id === undefined) {
      throw new AssayError('INTERNAL', 'The program was disposed before it was run. Fix: dispose it later.');
    }
    const { binding } = nativeBackend();
    const created: number[] = [];
    try {
      for (const { shape, dtype, data } of feeds) created.push(binding.createTensor(shape, dtype, data));
      const numFeeds = created.length;
      const names = feeds.map(({ node }) => node).join();
      const results = runNodes(() =>
        binding.runSavedModel(this.#id ?? -1, created.slice(0, numFeeds), names, fetches.join()),
      );
      created.push(...results.map(({ id }) => id));
      return results.map(({ id, shape, dtype }) => ({ shape, data: download(id, dtype) }));
    } finally {
      for (const id of created) binding.deleteTensor(id);
    }
  }

  /** Frees the graph and its variables; a second call does nothing. */
  dispose(): void {
    if (this.#id !== undefined) nativeBackend().binding.deleteSavedModel(this.#id);
    this.#id = undefined;
  }
}

function runNodes<R>(run: () => R): R {
  try {
    return run();
  } catch (error) {
    throw engineFailed('run the compiled graph', error);
  }
}

function engineFailed(what: string, error: unknown): AssayError {
  const reason = error instanceof Error ? error.message.trim() : String(error);
  return new AssayError(
    'ENGINE_FAILED',
    `The engine could not ${what}: ${reason} Fix: look for values that the model was not made for, or for a device that this machine lacks.`,
    { cause: error },
  );
}

/** A copy: the engine's own memory goes with the tensor. */
function download(id: number, dtype: number): Float32Array | Int32Array {
  if (dtype === DATA_TYPE.string) return new Int32Array();
  const values = nativeBackend().binding.tensorDataSync(id);
  return values instanceof Float32Array ? Float32Array.from(values) : Int32Array.from(values);
}
