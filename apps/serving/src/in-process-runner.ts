import { loadSavedModel } from '@assay/graph';
import { inferWith } from '@assay/registry';
import type { ModelRunner } from './model-runner.js';

/** A replica in this process. It blocks the event loop while the engine computes. */
export interface InProcessRunner extends ModelRunner {
  inputNames: string[];
  /** Sizes of the axes after B, by output. */
  outputShapes: Record<string, number[]>;
}

/**
 * Loads a SavedModel into this process.
 *
 * @throws FILE_CORRUPT, FILE_NOT_FOUND when the directory holds no sound SavedModel
 */
export function loadInProcess(savedModelDir: string): InProcessRunner {
  const runner = loadSavedModel(savedModelDir);
  const infer = inferWith(runner);
  return {
    inputNames: Object.keys(runner.inputs),
    outputShapes: Object.fromEntries(
      Object.entries(runner.outputs).map(([name, { shape }]) => [
        name,
        shape.slice(1).map((size) => size ?? -1),
      ]),
    ),
    infer,
    dispose: () => Promise.resolve(runner.dispose()),
  };
}
