import { tf } from '@assay/tensorflow';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import { float } from './small-models.fixture.js';

/** Two masks and two noises of B rows as outputs. */
const DRAWS: ModelDefinition = {
  parameters: { w: { shape: [], init: 'ones' } },
  inputs: { x: { dtype: 'float32', shape: ['B', 100] } },
  loss: ({ w }, { x }, context) => ({
    loss: x!.mean().mul(w!),
    outputs: {
      mask1: context.dropout(x!, 0.3),
      mask2: context.dropout(x!, 0.3),
      noise1: context.noise(tf.zerosLike(x!), 2),
      noise2: context.noise(tf.zerosLike(x!), 2),
    },
  }),
};

const ONES = { x: float([200, 100], new Float32Array(20_000).fill(1)) };

function draw(seed: number, step: number): Record<string, Float32Array | Int32Array> {
  using program = compile(DRAWS, { optimizer: { kind: 'sgd' }, seed });
  const { outputs } = program.step(ONES, { learningRate: 0, step });
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
}

describe('dropout and noise', () => {
  it('repeat with the seed and the step', () => {
    expect(draw(1, 5)).toEqual(draw(1, 5));
  });

  it('differ from place to place, step to step, and seed to seed', () => {
    const base = draw(1, 5);
    for (const other of [draw(1, 6), draw(2, 5)])
      for (const name of Object.keys(base)) expect(other[name]).not.toEqual(base[name]);
    expect(base.mask1).not.toEqual(base.mask2);
    expect(base.noise1).not.toEqual(base.noise2);
  });

  it('have the right mean and spread', () => {
    const { mask1, noise1 } = draw(3, 1);
    const kept = [...mask1!].filter((value) => value !== 0);
    const noise = [...noise1!];
    for (const value of kept) expect(value).toBeCloseTo(1 / 0.7, 4);
    expect(Math.abs(kept.length / 20_000 - 0.7)).toBeLessThan(0.013); // 4 standard errors
    const mean = noise.reduce((sum, value) => sum + value, 0) / 20_000;
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20_000);
    expect(Math.abs(mean)).toBeLessThan(0.057);
    expect(Math.abs(deviation - 2)).toBeLessThan(0.04);
  });

  it('are off in evaluation', () => {
    using program = compile(DRAWS, { optimizer: { kind: 'sgd' } });
    const { outputs } = program.evaluate(ONES);
    expect(new Set(outputs.mask1!.data)).toEqual(new Set([1]));
    expect(new Set(outputs.noise1!.data)).toEqual(new Set([0]));
  });
});
