import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Feed } from './check-feeds.js';

const ROOT = join(__dirname, '../../..');
const HOME = process.env.ASSAY_HOME ?? join(ROOT, '.assay');
const SCRIPTS = join(__dirname, '../scripts');

/** A suite that needs the reference environment. */
export const referenceSuite = process.env.ASSAY_SKIP_REFERENCES === '1' ? describe.skip : describe;

/** The Python that has TensorFlow, Keras and MLflow to compare with. */
function referencePython(): string {
  const setup = join(HOME, 'setup.json');
  const python = existsSync(setup)
    ? (JSON.parse(readFileSync(setup, 'utf8')) as { python?: { references?: string } }).python?.references
    : undefined;
  if (python === undefined || !existsSync(python))
    throw new Error('The reference environment is missing: run npm run setup -- --with references');
  return python;
}

/** Runs a script of `scripts/` and parses what it prints. */
export function runScript(name: string, args: readonly string[], input = ''): unknown {
  const output = execFileSync(referencePython(), [join(SCRIPTS, name), ...args], {
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 2 ** 27,
  });
  return JSON.parse(output.toString());
}

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
