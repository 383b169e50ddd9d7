import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tf } from '@assay/tensorflow';
import { expectClose, withTempDir } from '@assay/testing';
import { traceFunction, writeSavedModel } from './index.js';
import { eagerOutputs, TINY_INPUTS, tinyFeeds, tinyForward, tinyParameters } from './tiny-model.fixture.js';

const ROOT = join(__dirname, '../../..');
const HOME = process.env.ASSAY_HOME ?? join(ROOT, '.assay');
const SCRIPT = join(__dirname, '../scripts/run-saved-model.py');

/** The Python that has TensorFlow and MLflow to compare with. */
function referencePython(): string {
  const setup = join(HOME, 'setup.json');
  const python = existsSync(setup)
    ? (JSON.parse(readFileSync(setup, 'utf8')) as { python?: { references?: string } }).python?.references
    : undefined;
  if (python === undefined || !existsSync(python))
    throw new Error('The reference environment is missing: run npm run setup -- --with references');
  return python;
}

interface PythonRun {
  inputs: Record<string, [string, (number | null)[]]>;
  outputs: Record<string, { shape: number[]; data: number[] }>;
}

const suite = process.env.ASSAY_SKIP_REFERENCES === '1' ? describe.skip : describe;

suite('a written SavedModel in Python', () => {
  it.each(['tensorflow', 'mlflow'])(
    'gives the eager outputs when %s loads it',
    async (loader) => {
      await withTempDir(async (dir) => {
        const parameters = tinyParameters();
        await writeSavedModel(
          join(dir, 'saved_model'),
          traceFunction(tinyForward, { inputs: TINY_INPUTS, parameters }),
        );
        await writeFile(
          join(dir, 'MLmodel'),
          'flavors:\n  tensorflow:\n    code: null\n    model_type: tf2-module\n    saved_model_dir: saved_model\n',
        );
        const feeds = tinyFeeds(3);
        const expected = eagerOutputs(parameters, feeds);
        tf.dispose(parameters);
        const input = Object.entries(feeds).map(([name, { dtype, shape, data }]) => [
          name,
          { dtype: dtype === 'float32' ? dtype : 'int32', shape, data: Array.from(data) },
        ]);
        const json = execFileSync(referencePython(), [SCRIPT, dir, loader], {
          input: JSON.stringify(Object.fromEntries(input)),
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        const { inputs, outputs } = JSON.parse(json.toString()) as PythonRun;
        expect(inputs).toEqual({
          token_BL: ['int32', [null, 4]],
          mask_BL: ['float32', [null, 4]],
          image_BIHWC: ['int32', [null, 2, 6, 8, 3]],
          numeric_BF: ['float32', [null, 5]],
        });
        expect(Object.keys(outputs).sort()).toEqual(['embedding_BF', 'logit_BK']);
        expect(outputs.logit_BK?.shape).toEqual([3, 2]);
        expectClose(outputs.logit_BK!.data, expected.logit_BK);
        expectClose(outputs.embedding_BF!.data, expected.embedding_BF);
      });
    },
    120_000,
  );
});
