import { expectClose } from '@assay/testing';
import { tf } from '@assay/tensorflow';
import { compile } from './compile.js';
import type { CompileOptions } from './compile-options.js';
import type { ModelDefinition } from './model-definition.js';
import { float, PERCEPTRON, perceptronBatch } from './small-models.fixture.js';
import { numbers } from '../tiny-model.fixture.js';

/** A convolution, a pool and a matrix product on images of H=W=8, C=3. */
const CONVOLUTION: ModelDefinition = {
  parameters: {
    kernel: { shape: [3, 3, 3, 4], init: 'heNormal' },
    head: { shape: [64, 1], init: 'glorotUniform' },
  },
  inputs: { image: { dtype: 'float32', shape: ['B', 8, 8, 3] } },
  targets: { y: { dtype: 'float32', shape: ['B', 1] } },
  loss: (values, { image, y }) => {
    const features = tf.relu(tf.conv2d(image as tf.Tensor4D, values.kernel as tf.Tensor4D, 1, 'same'));
    const pooled = tf.maxPool(features, 2, 2, 'valid').reshape([-1, 64]);
    return { loss: pooled.matMul(values.head!).sub(y!).square().mean() };
  },
};
const images = (seed: number) => ({
  image: float([4, 8, 8, 3], numbers(768, seed)),
  y: float([4, 1], numbers(4, seed + 1)),
});

/** Losses of 5 steps, and the nodes by op. */
function run(options: Partial<CompileOptions>) {
  using program = compile(CONVOLUTION, { optimizer: { kind: 'adamw' }, ...options });
  const losses = [1, 2, 3, 4, 5].map((step) => program.step(images(step), { learningRate: 0.01, step }).loss);
  return { losses, ops: program.describe().graph.ops };
}

describe('bfloat16', () => {
  it('computes products in it and gives nearly the losses of float32', () => {
    const [full, low] = [run({}), run({ precision: 'bfloat16' })];
    expectClose(low.losses, full.losses, { relative: 0.03, absolute: 0.03 });
    expect(low.losses).not.toEqual(full.losses);
    expect(low.ops.Cast).toBeGreaterThan(full.ops.Cast ?? 0);
  });

  it('keeps weights, moments and sums in float32: small updates are not lost', () => {
    using program = compile(CONVOLUTION, {
      optimizer: { kind: 'sgd' },
      precision: 'bfloat16',
      initial: { head: new Float32Array(64).fill(1) },
    });
    program.step(images(1), { learningRate: 1e-5, step: 1 }); // far below the 2⁻⁸ that bfloat16 tells from 1
    const { data } = program.readVariables(['head']).head!;
    expect(data.some((weight) => weight !== 1 && Math.abs(weight - 1) < 1e-3)).toBe(true);
  });
});

it('XLA gives the losses without it', () => {
  expectClose(run({ xla: true }).losses, run({}).losses, { absolute: 1e-5 });
});

describe('a device', () => {
  it('holds the whole graph', () => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'adamw' }, device: '/CPU:0' });
    expect(program.step(perceptronBatch(3, 1), { learningRate: 0.1, step: 1 }).loss).toBeGreaterThan(0);
  });

  it('that the machine lacks is an error that says so', () => {
    const compiling = () => compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, device: '/GPU:42' });
    expect(compiling).toThrow(/GPU:42/);
    expect(compiling).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }) as Error);
  });
});
