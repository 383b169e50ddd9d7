import type { tf } from '@assay/tensorflow';
import { embeddingLookup } from '../ops/embedding-lookup.js';
import { numbers } from '../tiny-model.fixture.js';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import type { Program } from './program.js';

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

export const INPUTS = {
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
export function trained(): Program {
  const program = compile(MODEL, OPTIONS);
  for (const step of [1, 2]) program.step(BATCH, { learningRate: 0.1, step });
  return program;
}
