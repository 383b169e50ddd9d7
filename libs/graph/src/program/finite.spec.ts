import { tf } from '@assay/tensorflow';
import { compile } from './compile.js';
import type { CompileOptions } from './compile-options.js';
import type { ModelDefinition } from './model-definition.js';
import { float, PERCEPTRON, perceptronBatch } from './small-models.fixture.js';

const SCHEDULE = { learningRate: 0.1, step: 1 };
const GOOD = perceptronBatch(3, 1);
const BAD = { ...GOOD, y: float([3, 1], Float32Array.of(1, NaN, 0)) };

/** The perceptron with a state that counts steps. */
const COUNTING: ModelDefinition = {
  ...PERCEPTRON,
  state: { count: { shape: [], init: 'zeros' } },
  loss: (values, batch, context) => {
    context.update('count', values.count!.add(1));
    return PERCEPTRON.loss(values, batch, context);
  },
};

describe('a step whose loss is not finite', () => {
  it.each([
    { optimizer: { kind: 'sgd' } },
    { optimizer: { kind: 'adamw' }, clipNorm: 1, averageDecay: 0.9 },
    { optimizer: { kind: 'lamb' } },
  ] satisfies CompileOptions[])('fails and changes no variable, with %o', (options) => {
    using program = compile(COUNTING, options);
    program.step(GOOD, SCHEDULE);
    const before = program.readVariables();
    expect(() => program.step(BAD, { ...SCHEDULE, step: 2 })).toThrow(
      /Step 2 gave the loss NaN and a gradient of norm NaN; the weights are as before it; input 'y' holds NaN at position 1\. Fix: leave such rows out/,
    );
    expect(program.readVariables()).toEqual(before);
    program.step(GOOD, { ...SCHEDULE, step: 2 });
    expect(program.readVariables(['count']).count!.data).toEqual(Float32Array.of(2));
  });

  it('has the code NON_FINITE', () => {
    using program = compile(COUNTING, { optimizer: { kind: 'sgd' } });
    expect(() => program.step(BAD, SCHEDULE)).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }) as Error,
    );
  });

  it('goes through when it is not checked in the graph, and is told', () => {
    using program = compile(COUNTING, { optimizer: { kind: 'sgd' }, checkFinite: false });
    expect(() => program.step(BAD, SCHEDULE)).toThrow(
      /gave the loss NaN; the weights were updated with it, since checkFinite is off/,
    );
    expect([...program.readVariables(['head/bias'])['head/bias']!.data]).toEqual([NaN]);
  });
});

it('of several batches of a step, the one with the number that is not finite is found', () => {
  using program = compile(COUNTING, { optimizer: { kind: 'sgd' }, accumulate: true });
  const bad = { ...GOOD, x: float([3, 3], Float32Array.of(0, 0, 0, 0, 0, Infinity, 0, 0, 0)) };
  expect(() => program.stepAccumulated([GOOD, bad, GOOD], SCHEDULE)).toThrow(
    /input 'x' holds Infinity at position 5/,
  );
});

it('a finite loss with a gradient that is not finite fails as well', () => {
  const model: ModelDefinition = {
    parameters: { w: { shape: [1], init: 'zeros' } },
    inputs: { x: { dtype: 'float32', shape: ['B'] } },
    loss: ({ w }, { x }) => ({ loss: tf.sqrt(w!.sum()).add(x!.mean()) }), // slope 1 / (2·√0)
  };
  using program = compile(model, { optimizer: { kind: 'sgd' } });
  expect(() => program.step({ x: float([1], Float32Array.of(1)) }, SCHEDULE)).toThrow(
    /gave the loss 1 and a gradient of norm Infinity; .*; all numbers that were fed are finite\. Fix: lower/,
  );
  expect(program.readVariables(['w']).w!.data).toEqual(Float32Array.of(0));
});
