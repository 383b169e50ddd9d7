import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { tf } from '@assay/tensorflow';
import { expectReadmeShows, withTempDir } from '@assay/testing';
import {
  batchNorm,
  batchNormInference,
  compile,
  dense,
  loadSavedModel,
  sigmoidCrossEntropy,
  type Batch,
  type ModelDefinition,
  type StepContext,
  type Tensors,
} from './index.js';
import { numbers } from './tiny-model.fixture.js';

const rows = (size: number, seed: number): Batch => {
  const x = numbers(size * 3, seed);
  const y = Float32Array.from({ length: size }, (_, i) => Number(x[3 * i]! > x[3 * i + 1]!));
  return {
    x_BF: { dtype: 'float32', shape: [size, 3], data: x },
    label_BK: { dtype: 'float32', shape: [size, 1], data: y },
  };
};

it('runs the example of the README', async () => {
  await withTempDir(async (dir) => {
    // example
    const logits = (values: Record<string, tf.Tensor>, x_BF: tf.Tensor) =>
      dense(x_BF as tf.Tensor2D, values.weight_FK as tf.Tensor2D, values.bias_K as tf.Tensor1D);

    using program = compile(
      {
        parameters: {
          weight_FK: { shape: [3, 1], init: 'glorotUniform' },
          bias_K: { shape: [1], init: 'zeros' },
        },
        inputs: { x_BF: { dtype: 'float32', shape: ['B', 3] } },
        targets: { label_BK: { dtype: 'float32', shape: ['B', 1] } },
        loss: (values, { x_BF, label_BK }, context) => {
          const logit_BK = logits(values, context.dropout(x_BF!, 0.1));
          return { loss: sigmoidCrossEntropy(logit_BK, label_BK as tf.Tensor2D) };
        },
        predict: (values, { x_BF }) => ({ logit_BK: logits(values, x_BF!) }),
      },
      { optimizer: { kind: 'adamw', weightDecay: 0.01 }, clipNorm: 1, seed: 7 },
    );

    for (let step = 1; step <= 100; step++) program.step(rows(32, step), { learningRate: 0.1, step });
    const { loss } = program.evaluate(rows(50, 0)); // any batch size; dropout is off
    await program.save(join(dir, 'checkpoint')); // restore() goes on to the same bits
    await program.exportSavedModel(join(dir, 'saved_model')); // for TensorFlow, TensorFlow Serving, MLflow
    // end
    expect(loss).toBeLessThan(0.3);
    using runner = loadSavedModel(join(dir, 'saved_model'));
    const { x_BF } = rows(2, 5);
    expect(runner.run({ x_BF: x_BF! }).logit_BK?.data).toEqual(
      program.predict({ x_BF: x_BF! }).logit_BK?.data,
    );
    expectReadmeShows(__filename);
  });
});

const ROOT = join(__dirname, '../../..');
const README = readFileSync(join(__dirname, '../README.md'), 'utf8');

it('the complete file is what the README shows, and runs', async () => {
  const file = join(ROOT, 'libs/graph/examples/train.mjs');
  expect(README).toContain(`\`\`\`js\n${readFileSync(file, 'utf8')}\`\`\``);
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  run('node_modules/typescript/bin/tsc', '--build', 'libs/graph/tsconfig.lib.json');
  await withTempDir((dir) => {
    const [, loss, first, second] =
      /^loss (\S+)\nscores Float32Array\(2\) \[ (\S+), (\S+) \]\n$/.exec(run(file, dir)) ?? [];
    expect(Number(loss)).toBeLessThan(0.4);
    expect(Number(first)).toBeGreaterThan(0.9);
    expect(Number(second)).toBeLessThan(0.1);
    using runner = loadSavedModel(join(dir, 'saved_model'));
    expect(runner.inputs).toHaveProperty('x_BF');
    return Promise.resolve();
  });
}, 180_000);

it('the recipes are what the README shows, and train', () => {
  // recipes
  type Norm = Record<'scale' | 'offset' | 'mean' | 'variance', tf.Tensor1D>;

  const normalized = (values: Tensors, x_BC: tf.Tensor2D, context: StepContext): tf.Tensor2D => {
    const { scale, offset, mean, variance } = values as Norm;
    const own = { scale_C: scale, offset_C: offset };
    if (!context.training) return batchNormInference(x_BC, { ...own, mean_C: mean, variance_C: variance });
    const batch = batchNorm(x_BC, own);
    context.update('mean', mean.mul(0.9).add(batch.mean_C.mul(0.1)));
    context.update('variance', variance.mul(0.9).add(batch.variance_C.mul(0.1)));
    return batch.normalized;
  };

  // Computed again in the backward pass: all that is trained is among the arguments.
  const hidden = ([x]: readonly tf.Tensor[], { weight }: Tensors): tf.Tensor => x!.matMul(weight!).relu();

  const logits = (values: Tensors, { x_BF }: Tensors, context: StepContext): tf.Tensor2D => {
    const { weight, head } = values;
    const input = normalized(values, x_BF as tf.Tensor2D, context);
    return context.recompute([input], { weight: weight! }, hidden).matMul(head!) as tf.Tensor2D;
  };

  const model: ModelDefinition = {
    parameters: {
      scale: { shape: [3], init: 'ones' },
      offset: { shape: [3], init: 'zeros' },
      weight: { shape: [3, 8], init: 'heNormal' },
      head: { shape: [8, 1], init: 'glorotUniform', group: 'head' },
    },
    state: { mean: { shape: [3], init: 'zeros' }, variance: { shape: [3], init: 'ones' } },
    inputs: { x_BF: { dtype: 'float32', shape: ['B', 3] } },
    targets: { label_BK: { dtype: 'float32', shape: ['B', 1] } },
    loss: (values, batch, context) => ({
      loss: sigmoidCrossEntropy(logits(values, batch, context), batch.label_BK as tf.Tensor2D),
    }),
    predict: (values, inputs, context) => ({ logit_BK: logits(values, inputs, context) }),
  };

  using program = compile(model, { optimizer: { kind: 'adamw' } });
  const learningRate = { default: 0.02, head: 0.05 }; // one for each group
  for (let step = 1; step <= 100; step++) program.step(rows(32, step), { learningRate, step });
  // end of recipes
  expect(program.evaluate(rows(50, 0)).loss).toBeLessThan(0.4);
  expect(program.readVariables(['mean']).mean!.data.some((value) => value !== 0)).toBe(true);
  expect(program.describe().suspiciousConstants).toEqual([]);
  const [, shown] =
    / {2}\/\/ recipes\n([\s\S]*?) *\/\/ end of recipes/.exec(readFileSync(__filename, 'utf8')) ?? [];
  expect(README).toContain(`\`\`\`ts\n${shown!.replace(/^ {2}/gm, '')}\`\`\``);
});
