import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfInterrupted } from '@assay/core';
import { verifyProbe, type InputName, type InputSpecs, type ModelInputs } from '@assay/preprocess';
import { openBundle, replayGolden } from '@assay/registry';
import { BatchingQueue } from './batching-queue.js';
import type { ModelRunner } from './model-runner.js';
import { loadInProcess } from './in-process-runner.js';
import { requestEncoder } from './request-encoder.js';
import type { ServedModel } from './served-model.js';

export interface LoadOptions {
  /** A bundle directory; every byte of it is checked. */
  bundleDir: string;
  /** Digest that the registry promises for its manifest. */
  manifestDigest?: string;
  /** Default: the name of the pipeline. */
  name?: string;
  /** Version in the registry; default `local`. */
  version?: string;
  /** Most records in one call of the model, and in one request. */
  maxBatch: number;
  /** When it aborts, loading ends before its next step. */
  signal?: AbortSignal | undefined;
}

/**
 * Loads a bundle until it may take requests: hashes, the probe of the preprocessor, golden examples, then one call of each extreme batch size,
 * so that the first request does not pay for the engine's start.
 *
 * @returns the model and a function that unloads it after its last answer
 * @throws BUNDLE_CORRUPT when a file is not what the manifest says
 * @throws FILE_CORRUPT when the preprocessor does not follow its schema, or has no probe
 * @throws GOLDEN_MISMATCH when the preprocessor does not encode its probe as it did when it was fitted, or the loaded
 * model does not give its golden outputs
 * @throws INTERRUPTED when the signal aborts
 */
export async function loadModel(
  options: LoadOptions,
): Promise<{ model: ServedModel; dispose: () => Promise<void> }> {
  const hearInterrupt = async (): Promise<void> => {
    await nextTurn(); // the engine blocks the process, which hears a Ctrl-C only between two turns
    throwIfInterrupted(options.signal);
  };
  await hearInterrupt();
  const bundle = await openBundle(options.bundleDir, options.manifestDigest);
  await verifyProbe(bundle.preprocessor);
  await hearInterrupt();
  const runner = loadInProcess(bundle.savedModelDir);
  try {
    await hearInterrupt();
    await replayGolden(bundle.dir, (inputs) => runner.infer(inputs));
    const inputSpecs = specsOf(bundle.preprocessor.inputSpecs, runner.inputNames);
    for (const rows of [1, options.maxBatch]) {
      await hearInterrupt();
      await runner.infer(zeros(inputSpecs, rows));
    }
    const queue = new BatchingQueue(runner, {
      maxBatch: options.maxBatch,
      maxWaitingRows: 4 * options.maxBatch,
    });
    const model: ServedModel = {
      name: options.name ?? bundle.pipeline,
      version: options.version ?? 'local',
      manifestDigest: bundle.manifestDigest,
      labels: bundle.labels,
      recordSchema: bundle.recordSchema,
      operatingPoints: bundle.operatingPoints,
      inputSpecs,
      outputShapes: runner.outputShapes,
      maxBatch: options.maxBatch,
      encode: requestEncoder(bundle.preprocessor),
      queue,
    };
    return { model, dispose: () => unload(queue, runner) };
  } catch (error) {
    await runner.dispose();
    throw error;
  }
}

async function unload(queue: BatchingQueue, runner: ModelRunner): Promise<void> {
  await queue.close();
  await runner.dispose();
}

/** The inputs that the model reads, of all that the preprocessor makes. */
function specsOf(all: InputSpecs, names: readonly string[]): InputSpecs {
  const kept = Object.entries(all).filter(([name]) => names.includes(name));
  return Object.fromEntries(kept);
}

function zeros(specs: InputSpecs, rows: number): ModelInputs {
  const result: ModelInputs = {};
  for (const name of Object.keys(specs) as InputName[]) {
    const spec = specs[name];
    if (spec === undefined) continue;
    const shape = [rows, ...spec.shape];
    const size = shape.reduce((product, dim) => product * dim, 1);
    const data =
      spec.dtype === 'float32'
        ? new Float32Array(size)
        : spec.dtype === 'int32'
          ? new Int32Array(size)
          : new Uint8Array(size);
    result[name] = { dtype: spec.dtype, shape, data };
  }
  return result;
}
