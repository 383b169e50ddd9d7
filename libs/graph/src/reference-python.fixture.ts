import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runReference, withReferences } from '@assay/testing';
import type { Feed } from './check-feeds.js';

/** A suite that needs the reference environment. */
export const referenceSuite = withReferences ? describe : describe.skip;

/** Runs a script of `scripts/` and parses what it prints. */
export const runScript = (name: string, args: readonly string[], input = ''): unknown =>
  runReference(join(__dirname, '../scripts', name), { args, input });

interface PythonRun {
  inputs: Record<string, [string, (number | null)[]]>;
  outputs: Record<string, { shape: number[]; data: number[] }>;
}

interface RunSpec {
  /** Holds a `saved_model`. */
  dir: string;
  loader: 'tensorflow' | 'mlflow';
  feeds: Readonly<Record<string, Feed>>;
}

/** Loads SavedModels and runs them, all in one process: starting TensorFlow takes most of the time. */
export function runInPython(runs: readonly RunSpec[]): PythonRun[] {
  const specs = runs.map(({ dir, loader, feeds }) => {
    if (loader === 'mlflow') writeFileSync(join(dir, 'MLmodel'), ML_MODEL);
    return {
      dir,
      loader,
      feeds: Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, plain(feed)])),
    };
  });
  return runScript('run-saved-model.py', [], JSON.stringify(specs)) as PythonRun[];
}

const ML_MODEL =
  'flavors:\n  tensorflow:\n    code: null\n    model_type: tf2-module\n    saved_model_dir: saved_model\n';

const plain = ({ dtype, shape, data }: Feed) => ({
  dtype: dtype === 'float32' ? dtype : 'int32',
  shape,
  data: Array.from(data),
});
