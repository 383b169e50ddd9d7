import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { tf } from '@assay/tensorflow';
import { expectClose, withTempDir } from '@assay/testing';
import { embeddingLookup } from '../ops/embedding-lookup.js';
import { referenceSuite, runInPython } from '../reference-python.fixture.js';
import { loadSavedModel } from '../saved-model-runner.js';
import { numbers } from '../tiny-model.fixture.js';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import { PERCEPTRON, perceptronBatch, tableModel } from './small-models.fixture.js';

/** A sparse table, bytes, a state and a dynamic length L in one prediction. */
const MODEL: ModelDefinition = {
  parameters: {
    table: { shape: [20, 3], init: { normal: 1 }, sparse: true },
    weight: { shape: [4, 3], init: 'glorotUniform' },
  },
  state: { center: { shape: [3], init: { value: 0.5 } } },
  inputs: {
    token: { dtype: 'int32', shape: ['B', 'L'] },
    pixel: { dtype: 'uint8', shape: ['B', 4] },
  },
  targets: { y: { dtype: 'float32', shape: ['B', 3] } },
  loss: (values, batch, context) => {
    context.update('center', values.center!.mul(0.5));
    return { loss: forward(values, batch).sub(batch.y!).square().mean() };
  },
  predict: (values, inputs) => ({ score: forward(values, inputs) }),
};

function forward(values: Record<string, tf.Tensor>, { token, pixel }: Record<string, tf.Tensor>): tf.Tensor {
  const text = embeddingLookup(values.table as tf.Tensor2D, token as tf.Tensor2D).mean(1);
  const image = pixel!.toFloat().div(255).matMul(values.weight!);
  return text.add(image).sub(values.center!);
}

const INPUTS = {
  token: {
    dtype: 'int32',
    shape: [3, 5],
    data: Int32Array.from(numbers(15, 1), (x) => Math.floor((x + 1) * 10)),
  },
  pixel: { dtype: 'uint8', shape: [3, 4], data: Uint8Array.from(numbers(12, 2), (x) => (x + 1) * 127) },
} as const;
const BATCH = { ...INPUTS, y: { dtype: 'float32', shape: [3, 3], data: numbers(9, 3) } } as const;
const OPTIONS = { optimizer: { kind: 'adamw' }, averageDecay: 0.5 } as const;

/** A program after two steps. */
function trained() {
  const program = compile(MODEL, OPTIONS);
  for (const step of [1, 2]) program.step(BATCH, { learningRate: 0.1, step });
  return program;
}

it('a frozen export gives the predictions, at another length too', async () => {
  await withTempDir(async (dir) => {
    using program = trained();
    await program.exportSavedModel(dir);
    using runner = loadSavedModel(dir);
    for (const length of [5, 3]) {
      const inputs = {
        ...INPUTS,
        token: { ...INPUTS.token, shape: [3, length], data: INPUTS.token.data.slice(0, 3 * length) },
      };
      expectClose(runner.run(inputs).score!.data, program.predict(inputs).score!.data);
    }
  });
});

it('an export of the moving average is that of the average', async () => {
  await withTempDir(async (root) => {
    using program = trained();
    await program.exportSavedModel(join(root, 'average'), 'frozen', { weights: 'average' });
    using runner = loadSavedModel(join(root, 'average'));
    const expected = program.predict(INPUTS, { weights: 'average' }).score!.data;
    expect(expected).not.toEqual(program.predict(INPUTS).score!.data);
    expectClose(runner.run(INPUTS).score!.data, expected);
  });
});

it('an export replaces an older one and leaves nothing beside it', async () => {
  await withTempDir(async (root) => {
    using program = trained();
    const dir = join(root, 'model');
    await program.exportSavedModel(dir, 'checkpoint');
    await program.exportSavedModel(dir, 'frozen');
    expect(await readdir(root)).toEqual(['model']);
    expect(await readdir(dir)).toEqual(['saved_model.pb']);
  });
});

it('a model without prediction has nothing to export', async () => {
  using program = compile(tableModel(true), { optimizer: { kind: 'sgd' } });
  await expect(program.exportSavedModel('nowhere')).rejects.toThrow(/has no prediction/);
  expect(() => program.predict({})).toThrow(/has no prediction/);
});

const PYTHON_RUNS = [
  ['frozen', 'tensorflow', 'latest'],
  ['checkpoint', 'tensorflow', 'average'],
  ['checkpoint', 'mlflow', 'latest'],
] as const;

referenceSuite('an export in Python', () => {
  it('gives the predictions, frozen or with a checkpoint, when TensorFlow or MLflow loads it', async () => {
    await withTempDir(async (root) => {
      using program = trained();
      const runs = PYTHON_RUNS.map(([kind, loader, weights]) => ({
        ...{ dir: join(root, `${kind}-${loader}`), loader, feeds: INPUTS },
        ...{ kind, weights },
      }));
      for (const { dir, kind, weights } of runs)
        await program.exportSavedModel(join(dir, 'saved_model'), kind, { weights });
      const results = runInPython(runs);
      expect(results).toHaveLength(3);
      for (const [i, { inputs, outputs }] of results.entries()) {
        expect(inputs).toEqual({ token: ['int32', [null, null]], pixel: ['int32', [null, 4]] });
        expect(outputs.score?.shape).toEqual([3, 3]);
        const { weights } = runs[i]!;
        expectClose(outputs.score!.data, program.predict(INPUTS, { weights }).score!.data);
      }
    });
  }, 120_000);
});

it('a prediction may leave out an input that only the loss takes', async () => {
  await withTempDir(async (dir) => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
    await program.exportSavedModel(dir);
    using runner = loadSavedModel(dir);
    const { x } = perceptronBatch(2, 1);
    expect(runner.run({ x: x! }).y!.data).toEqual(program.predict({ x: x! }).y!.data);
  });
});
