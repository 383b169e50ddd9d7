import { tf } from '@assay/tensorflow';
import type { Feed } from '../check-feeds.js';
import { numbers } from '../tiny-model.fixture.js';
import { dense } from '../ops/dense.js';
import { embeddingLookup } from '../ops/embedding-lookup.js';
import type { Batch } from './batch-feeds.js';
import type { ModelDefinition } from './model-definition.js';

/** Two dense layers on F=3 numbers with dropout, a mean squared error, and a metric. */
export const PERCEPTRON: ModelDefinition = {
  parameters: {
    'hidden/weight': { shape: [3, 8], init: 'glorotUniform' },
    'hidden/bias': { shape: [8], init: { normal: 0.1 } },
    'head/weight': { shape: [8, 1], init: 'glorotUniform', group: 'head' },
    'head/bias': { shape: [1], init: 'zeros', group: 'head' },
  },
  inputs: { x: { dtype: 'float32', shape: ['B', 3] } },
  targets: { y: { dtype: 'float32', shape: ['B', 1] } },
  loss: (values, batch, context) => {
    const hidden = context.dropout(hiddenOf(values, batch.x!), 0.25);
    const error = headOf(values, hidden).sub(batch.y!);
    const loss = error.square().mean();
    return { loss, metrics: { absolute: error.abs().mean() }, outputs: { error } };
  },
  predict: (values, inputs) => ({ y: headOf(values, hiddenOf(values, inputs.x!)) }),
};

type Values = Parameters<ModelDefinition['loss']>[0];

const hiddenOf = (values: Values, x: tf.Tensor): tf.Tensor2D =>
  dense(
    x as tf.Tensor2D,
    values['hidden/weight'] as tf.Tensor2D,
    values['hidden/bias'] as tf.Tensor1D,
  ).relu();

const headOf = (values: Values, hidden: tf.Tensor): tf.Tensor2D =>
  dense(hidden as tf.Tensor2D, values['head/weight'] as tf.Tensor2D, values['head/bias'] as tf.Tensor1D);

/** Rows of the perceptron: y = x₀ − x₁·x₂. */
export function perceptronBatch(batchSize: number, seed: number): Batch {
  const x = numbers(batchSize * 3, seed);
  const y = Float32Array.from({ length: batchSize }, (_, i) => x[3 * i]! - x[3 * i + 1]! * x[3 * i + 2]!);
  return { x: float([batchSize, 3], x), y: float([batchSize, 1], y) };
}

export const float = (shape: number[], data: Float32Array): Feed => ({ dtype: 'float32', shape, data });

/** Rows of a table of V=50, D=4, summed over L tokens and squared; the table may be sparse. */
export const tableModel = (sparse: boolean): ModelDefinition => ({
  parameters: {
    table: { shape: [50, 4], init: { normal: 0.5 }, sparse },
    weight: { shape: [4, 1], init: 'glorotUniform' },
  },
  inputs: { token: { dtype: 'int32', shape: ['B', 'L'] } },
  targets: { y: { dtype: 'float32', shape: ['B', 1] } },
  loss: (values, batch) => {
    const rows = embeddingLookup(values.table as tf.Tensor2D, batch.token as tf.Tensor2D);
    const error = tf.matMul(rows.mean(1), values.weight!).sub(batch.y!);
    return { loss: error.square().mean() };
  },
});

/** Ids below `limit` and targets. */
export function tableBatch(batchSize: number, length: number, seed: number, limit = 50): Batch {
  const token = Int32Array.from(numbers(batchSize * length, seed), (value) =>
    Math.floor(((value + 1) / 2) * limit),
  );
  return {
    token: { dtype: 'int32', shape: [batchSize, length], data: token },
    y: float([batchSize, 1], numbers(batchSize, seed + 1)),
  };
}

/** One parameter of 12 MB, which takes some time to write. */
export const BIG: ModelDefinition = {
  parameters: { w: { shape: [3_000_000], init: 'zeros' } },
  inputs: { x: { dtype: 'float32', shape: ['B'] } },
  loss: ({ w }, { x }) => ({ loss: w!.mean().add(x!.mean()) }),
};
