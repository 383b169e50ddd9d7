import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { expectClose, expectNoLeak } from '@assay/testing';
import { tf } from '@assay/tensorflow';
import { embeddingBag } from '../ops/embedding-bag.js';
import { layerNorm } from '../ops/layer-norm.js';
import { maskedMean } from '../ops/masked-mean.js';
import { compile } from './compile.js';
import type { CompileOptions } from './compile-options.js';
import type { ModelDefinition, Tensors } from './model-definition.js';
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

describe('bfloat16 leaves sums that are written as products in float32:', () => {
  const tokens = { x: float([3, 4, 6], numbers(72, 5)) };

  it.each<[string, (x: tf.Tensor3D, scale: tf.Tensor1D, values: Tensors) => tf.Tensor]>([
    ['the backward pass of layerNorm', (x, scale) => layerNorm(x, scale, tf.zeros([6]))],
    [
      'maskedMean',
      (x, scale) => maskedMean(x.mul(scale), tf.tensor2d([1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1], [3, 4])),
    ],
    [
      'embeddingBag',
      (_x, scale, { table }) =>
        embeddingBag(
          table!.mul<tf.Tensor2D>(scale),
          tf.tensor2d([0, 1, 2, 3], [2, 2], 'int32'),
          tf.tensor2d([0.3, 0.7, 1, 0.1], [2, 2]),
          'mean',
        ),
    ],
  ])('%s', (_, use) => {
    const model: ModelDefinition = {
      parameters: {
        weight: { shape: [6], init: { normal: 1 } },
        scale: { shape: [6], init: { normal: 1 } },
        table: { shape: [4, 6], init: { normal: 1 } },
      },
      inputs: { x: { dtype: 'float32', shape: [3, 4, 6] } },
      loss: (values, { x }) => ({
        loss: use(x!.mul<tf.Tensor3D>(values.weight!), values.scale as tf.Tensor1D, values)
          .sin()
          .sum(),
      }),
    };
    const steps = ['float32', 'bfloat16'].map((precision) => {
      using program = compile(model, { optimizer: { kind: 'sgd' }, precision: precision as 'float32' });
      program.step(tokens, { learningRate: 0.1, step: 1 });
      return Object.values(program.readVariables()).map(({ data }) => [...data]);
    });
    expect(steps[1]).toEqual(steps[0]);
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

it.each([
  ['with the flag g', /hidden|head\/bias/g],
  ['with the flag y', /hidden|head\/bias/y],
  ['of another realm', runInNewContext('/hidden|head\\/bias/g') as RegExp],
])('a pattern %s freezes all that it names', (_, freeze) => {
  using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, freeze });
  const before = program.readVariables();
  program.step(perceptronBatch(3, 1), { learningRate: 0.1, step: 1 });
  const after = program.readVariables();
  expect(
    Object.keys(before).filter((name) => String(before[name]!.data) !== String(after[name]!.data)),
  ).toEqual(['head/weight']);
});

describe('refused is', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a seed that would draw like 0',
      { seed: 2 ** 32 },
      /seed must be an integer in \[0, 2³²\); got 4294967296/,
    ],
    ['a negative seed', { seed: -1 }, /seed must be an integer in \[0, 2³²\); got -1/],
    ['a norm of clipping that is infinite', { clipNorm: Infinity }, /clipNorm must be > 0 and finite/],
    ['a norm of clipping that is text', { clipNorm: '1' }, /clipNorm must be > 0 and finite; got '1'/],
    [
      'a decay of averages that is null',
      { averageDecay: null },
      /averageDecay must be in \[0, 1\); got null/,
    ],
    [
      'a name as a pattern',
      { freeze: 'hidden' },
      /freeze must be a regular expression or a function; got 'hidden'/,
    ],
    ['a decay of averages of 1', { averageDecay: 1 }, /averageDecay must be in \[0, 1\); got 1/],
    ['a decay of averages that is NaN', { averageDecay: NaN }, /averageDecay must be in \[0, 1\); got NaN/],
    ['another precision', { precision: 'bf16' }, /precision must be 'float32' or 'bfloat16'; got 'bf16'/],
    [
      'a start value of nothing',
      { initial: { 'model/w': new Float32Array(1) } },
      /initial gives 'model\/w' a value.*no such parameter or state; it has hidden\/weight/,
    ],
    [
      'a start value of another type',
      { initial: { 'head/bias': new Float64Array(1) } },
      /values of 'head\/bias' are a Float64Array; a variable needs a Float32Array/,
    ],
    [
      'another optimiser',
      { optimizer: { kind: 'adafactor' } },
      /no optimiser 'adafactor'; there are sgd, adam, adamw, lamb/,
    ],
    [
      'an optimiser by its name alone',
      { optimizer: 'adam' },
      /optimizer must be an object; got 'adam'\. Fix: write \{ kind: 'adam' \}/,
    ],
    ['a check that is text', { checkFinite: 'false' }, /checkFinite must be true or false; got 'false'/],
    ['XLA that is text', { xla: 'false' }, /xla must be true or false; got 'false'/],
    ['accumulation that is text', { accumulate: 'yes' }, /accumulate must be true or false; got 'yes'/],
    ['a device that is a number', { device: 1 }, /device must be a text; got 1/],
    [
      'a pattern that freezes nothing',
      { freeze: /encoder/ },
      /freeze \/encoder\/ fits no parameter; there are hidden\/weight, hidden\/bias, head\/weight, head\/bias/,
    ],
    [
      'a start value that is NaN',
      { initial: { 'hidden/bias': Float32Array.of(0, 1, NaN, 0, 0, 0, 0, 0) } },
      /initial gives 'hidden\/bias' a NaN at position 2/,
    ],
    ['no optimiser', { optimizer: undefined }, /no optimiser 'undefined'; there are sgd, adam, adamw, lamb/],
  ])('%s', (_, options, message) => {
    const compiling = () => compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, ...options });
    expect(compiling).toThrow(message);
  });

  it.each([
    ['beta1', 1, 'in [0, 1)'],
    ['beta1', null, 'in [0, 1)'],
    ['beta2', -0.1, 'in [0, 1)'],
    ['momentum', NaN, 'in [0, 1)'],
    ['epsilon', '1e-7', '≥ 0 and finite'],
    ['epsilon', NaN, '≥ 0 and finite'],
    ['weightDecay', -0.01, '≥ 0 and finite'],
    ['weightDecay', Infinity, '≥ 0 and finite'],
  ])('the setting %s = %s of an optimiser', (name, value, range) => {
    const kind = name === 'momentum' ? 'sgd' : 'adamw';
    const optimizer = { kind, [name]: value } as CompileOptions['optimizer'];
    expect(() => compile(PERCEPTRON, { optimizer })).toThrow(
      `The optimiser's ${name} must be ${range}; got ${inspect(value)}.`,
    );
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [
      { kind: 'adam', learningRate: 9, weight_decay: 1 },
      /no setting 'learningRate' of the optimiser adam; there are kind, beta1, beta2, epsilon/,
    ],
    [{ kind: 'adamw', weight_decay: 1 }, /no setting 'weight_decay' .* Fix: name 'weightDecay'/],
    [{ kind: 'adam', weightDecay: 0.5 }, /no setting 'weightDecay' of the optimiser adam/],
    [{ kind: 'adamw', momentum: 0.5 }, /no setting 'momentum' of the optimiser adamw/],
    [{ kind: 'sgd', momentum: 0.9, nesterov: 'true' }, /The optimiser's nesterov must be true or false/],
    [
      { kind: 'sgd', nesterov: true },
      /nesterov of the optimiser sgd needs a momentum above 0; got undefined/,
    ],
    [{ kind: 'sgd', nesterov: true, momentum: 0 }, /nesterov of .* needs a momentum above 0; got 0/],
  ])('the optimiser %j', (optimizer, message) => {
    const compiling = () =>
      compile(PERCEPTRON, { optimizer: optimizer as unknown as CompileOptions['optimizer'] });
    expect(compiling).toThrow(message);
    expect(compiling).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a part', { target: {} }, /no part 'target' of a model; there are .* Fix: name 'targets'/],
    ['the loss', { loss: undefined }, /The model's loss must be a function; got undefined/],
    [
      'the setting of a parameter',
      { parameters: { w: { shape: [1], init: 'ones', trainable: false } } },
      /no setting 'trainable' of the parameter 'w'; there are shape, init, decay, group, sparse/,
    ],
    [
      'the setting of a state',
      { state: { s: { shape: [1], init: 'ones', decay: false } } },
      /no setting 'decay' of the state 's'; there are shape, init/,
    ],
    [
      'the type of a setting',
      { parameters: { w: { shape: [1], init: 'ones', sparse: 'yes' } } },
      /Of 'w', sparse must be true or false; got 'yes'/,
    ],
    [
      'the dtype of an input',
      { inputs: { x: { dtype: 'float64', shape: ['B', 3] } } },
      /Of 'x', dtype must be 'float32', 'int32' or 'uint8'; got 'float64'/,
    ],
    ['the missing dtype of a target', { targets: { y: { shape: ['B'] } } }, /The target 'y' has no dtype/],
    ['the missing shape', { inputs: { x: { dtype: 'int32' } } }, /The input 'x' has no shape/],
    ['a shape for a declaration', { inputs: { x: ['B', 3] } }, /The input 'x' is declared as \[ 'B', 3 \]/],
    [
      'the range of an input',
      { inputs: { x: { dtype: 'int32', shape: ['B'], below: 0 } } },
      /Of 'x', below must be a positive integer; got 0/,
    ],
  ])('by name, of a model, %s', async (_, change, message) => {
    await expectNoLeak(tf, () => {
      const compiling = () => compile({ ...PERCEPTRON, ...change }, { optimizer: { kind: 'sgd' } });
      expect(compiling).toThrow(message);
      expect(compiling).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
    });
  });

  it.each(['glorot', 1, null, {}, { normal: '1' }, { normal: 1, value: 2 }])('the start value %j', (init) => {
    const model = {
      ...PERCEPTRON,
      parameters: { ...PERCEPTRON.parameters, 'head/bias': { shape: [1], init } },
    };
    expect(() => compile(model as ModelDefinition, { optimizer: { kind: 'sgd' } })).toThrow(
      `'head/bias' starts as ${inspect(init)}; expected zeros, ones,`,
    );
  });

  it('an option that there is not', () => {
    const options = { optimizer: { kind: 'sgd' }, clipnorm: 1 } as CompileOptions;
    expect(() => compile(PERCEPTRON, options)).toThrow(
      "There is no option 'clipnorm'; there are optimizer, seed,",
    );
  });

  it.each(['', '__proto__'])("a parameter named '%s'", (name) => {
    const { parameters } = PERCEPTRON;
    const model = { ...PERCEPTRON, parameters: { ...parameters, [name]: { shape: [1], init: 'zeros' } } };
    expect(() => compile(model as ModelDefinition, { optimizer: { kind: 'sgd' } })).toThrow(
      /has the name '(__proto__)?', which checkpoints cannot hold/,
    );
  });

  it('a loss that depends on nothing that is trained', () => {
    const model: ModelDefinition = {
      ...PERCEPTRON,
      loss: (values, { x }) => ({ loss: x!.mean().mul(values['head/bias']!.sum()) }),
    };
    expect(() => compile(model, { optimizer: { kind: 'sgd' }, freeze: /bias/ })).toThrow(
      /^The loss depends on no parameter that is trained \(hidden\/weight, head\/weight\)/,
    );
  });
});
