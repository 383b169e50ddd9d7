import { join } from 'node:path';
import type { tf } from '@assay/tensorflow';
import { expectReadmeShows, withTempDir } from '@assay/testing';
import { compile, dense, loadSavedModel, sigmoidCrossEntropy, type Batch } from './index.js';
import { numbers } from './tiny-model.fixture.js';

it('runs the example of the README', async () => {
  await withTempDir(async (dir) => {
    const rows = (size: number, seed: number): Batch => {
      const x = numbers(size * 3, seed);
      const y = Float32Array.from({ length: size }, (_, i) => Number(x[3 * i]! > x[3 * i + 1]!));
      return {
        x_BF: { dtype: 'float32', shape: [size, 3], data: x },
        label_BK: { dtype: 'float32', shape: [size, 1], data: y },
      };
    };
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
