import { expectClose } from '@assay/testing';
import { tf } from '@assay/tensorflow';
import { embeddingLookup } from '../ops/embedding-lookup.js';
import { valuesOf } from './compare.fixture.js';
import { compile } from './compile.js';
import type { ModelDefinition, StepContext, Tensors } from './model-definition.js';
import { PERCEPTRON, perceptronBatch } from './small-models.fixture.js';

/** Three hidden layers with dropout, each of which may be computed again; a state in the middle. */
const layered = (recompute: boolean): ModelDefinition => ({
  parameters: {
    enter: { shape: [3, 6], init: 'glorotUniform' },
    ...Object.fromEntries(
      [0, 1, 2].map((i) => [`layer${i}`, { shape: [6, 6], init: 'glorotUniform' as const }]),
    ),
    leave: { shape: [6, 1], init: 'glorotUniform' },
  },
  state: { mean: { shape: [6], init: 'zeros' } },
  inputs: PERCEPTRON.inputs,
  targets: PERCEPTRON.targets,
  loss: (values, { x, y }, context) => {
    let hidden = x!.matMul(values.enter!);
    for (const i of [0, 1, 2]) {
      const weights = { weight: values[`layer${i}`]! };
      const part = ([input]: readonly tf.Tensor[], { weight }: Tensors) =>
        layer(input!, weight!, context, i === 1);
      hidden = recompute ? context.recompute([hidden], weights, part) : part([hidden], weights);
    }
    return { loss: hidden.matMul(values.leave!).sub(y!).square().mean() };
  },
});

function layer(input: tf.Tensor, weight: tf.Tensor, context: StepContext, moves: boolean): tf.Tensor {
  const active = tf.tanh(input.matMul(weight));
  if (moves) context.update('mean', active.mean(0));
  return context.dropout(active, 0.4).add(input);
}

const OPTIONS = { optimizer: { kind: 'adamw' }, seed: 5 } as const;

it('recomputed parts give the same steps, with the same dropout masks and state', () => {
  using plain = compile(layered(false), OPTIONS);
  using again = compile(layered(true), OPTIONS);
  for (let step = 1; step <= 5; step++) {
    const batch = perceptronBatch(3 + step, step);
    const schedule = { learningRate: 0.05, step };
    expectClose([again.step(batch, schedule).loss], [plain.step(batch, schedule).loss], { absolute: 1e-6 });
  }
  const expected = valuesOf(plain, layered(false));
  for (const [name, values] of Object.entries(valuesOf(again, layered(true))))
    expectClose(values, expected[name]!, { absolute: 1e-5 });
});

it('recomputed parts are in the graph twice, and wait for the backward pass', () => {
  using plain = compile(layered(false), OPTIONS);
  using again = compile(layered(true), OPTIONS);
  const [a, b] = [plain.describe().graph.ops, again.describe().graph.ops];
  expect(b.Tanh).toBe(a.Tanh! + 3);
});

describe('a parameter that a part is given and does not use', () => {
  const hidden = { shape: [3, 3], init: 'ones' } as const;
  /** The part multiplies by w, and by the other one inside of it another part. */
  const lossOf =
    (
      part: (inputs: readonly tf.Tensor[], values: Tensors, context: StepContext) => tf.Tensor,
    ): ModelDefinition['loss'] =>
    (values, { x }, context) => ({
      loss: context
        .recompute([x!], values, (inputs, given) => part(inputs, given, context))
        .square()
        .mean(),
    });

  it.each<[string, ModelDefinition['loss']]>([
    ['at all', lossOf(([x], { w }) => x!.matMul(w!))],
    ['but takes', lossOf(([x], { w, unused }) => x!.matMul(unused === undefined ? x! : w!))],
    [
      'in a part of it',
      lossOf(([x], values, context) =>
        context.recompute([x!], values, ([input], { w }) => input!.matMul(w!)),
      ),
    ],
  ])('%s, is not trained, and not decayed', (_, loss) => {
    using program = compile(
      { parameters: { w: hidden, unused: hidden }, inputs: PERCEPTRON.inputs, loss },
      { optimizer: { kind: 'adamw', weightDecay: 0.5 } },
    );
    const { x } = perceptronBatch(2, 1);
    program.step({ x: x! }, { learningRate: 0.1, step: 1 });
    expect(program.describe()).toMatchObject({ trained: ['w'], unused: ['unused'] });
    const { w, unused } = program.readVariables();
    expect(unused!.data).toEqual(new Float32Array(9).fill(1));
    expect(w!.data).not.toEqual(unused!.data);
  });

  it('may be a sparse table', () => {
    const table = { shape: [5, 3], init: 'ones', sparse: true } as const;
    const model: ModelDefinition = {
      parameters: { a: table, b: table },
      inputs: { id: { dtype: 'int32', shape: ['B', 2] } },
      loss: (values, { id }, context) => ({
        loss: context
          .recompute([], values, (_, { a }) => embeddingLookup(a as tf.Tensor2D, id as tf.Tensor2D))
          .square()
          .mean(),
      }),
    };
    using program = compile(model, { optimizer: { kind: 'sgd' } });
    expect(program.describe().unused).toEqual(['b']);
  });
});

it('a part may give what it was given', () => {
  const slopeOf = (again: boolean): number => {
    using program = compile(
      {
        parameters: { w: { shape: [3, 3], init: 'ones' } },
        inputs: PERCEPTRON.inputs,
        loss: ({ w }, { x }, context) => {
          const h = x!.matMul(w!);
          return { loss: (again ? context.recompute([h], {}, ([input]) => input!) : h).square().mean() };
        },
      },
      { optimizer: { kind: 'sgd' } },
    );
    const { x } = perceptronBatch(2, 1);
    return program.step({ x: x! }, { learningRate: 0.1, step: 1 }).gradientNorm!;
  };
  expect(slopeOf(true)).toBeCloseTo(slopeOf(false), 5);
});

describe('a part', () => {
  const weights = { w: { shape: [3, 3], init: 'ones' }, v: { shape: [3, 1], init: 'ones' } } as const;
  const compiling =
    (hiddenOf: (values: Tensors, x: tf.Tensor, context: StepContext) => tf.Tensor, freeze?: RegExp) => () => {
      using program = compile(
        {
          parameters: weights,
          inputs: PERCEPTRON.inputs,
          targets: PERCEPTRON.targets,
          loss: (values, { x, y }, context) => ({
            loss: hiddenOf(values, x!, context).matMul(values.v!).sub(y!).square().mean(),
          }),
        },
        { optimizer: { kind: 'sgd' }, freeze },
      );
      return program.describe().unused;
    };

  it('that uses a parameter is refused', () => {
    const part: Parameters<typeof compiling>[0] = (values, x, context) =>
      context.recompute([x], {}, ([input]) => input!.matMul(values.w!));
    expect(compiling(part)).toThrow(
      /Op 'BatchMatMulV2' at recompute\.spec\.ts.* uses 'w', to which no gradient would flow.*give it to recompute/,
    );
    expect(compiling(part, /^w$/)()).toEqual([]); // frozen, it has no gradient to lose
  });

  it('that gives no tensor is refused', () => {
    const part: Parameters<typeof compiling>[0] = (values, x, context) =>
      context.recompute(
        [x],
        { w: values.w! },
        ([input], { w }) => ({ y: input!.matMul(w!) }) as unknown as tf.Tensor,
      );
    expect(compiling(part)).toThrow(
      /A part that is computed again at recompute\.spec\.ts.* must return a tensor; got object/,
    );
  });

  it('that uses a tensor made before is refused', () => {
    const part: Parameters<typeof compiling>[0] = (values, x, context) => {
      const mask = x.matMul(values.w!).sigmoid();
      return context.recompute([x], {}, ([input]) => input!.mul(mask));
    };
    expect(compiling(part)).toThrow(/Op 'Mul' at .* uses a tensor that was made before it/);
  });

  it('may use inputs of the model', () => {
    const part: Parameters<typeof compiling>[0] = (values, x, context) =>
      context.recompute([x.mul(2)], { w: values.w! }, ([input], { w }) => input!.mul(x.relu()).matMul(w!));
    expect(compiling(part)()).toEqual([]);
  });

  it.each([
    ['in evaluation', 0],
    ['in the forward pass', 1],
    ['in the backward pass', 2],
  ])('leaves no tensor behind when it fails %s', (_, time) => {
    let runs = 0;
    const part: Parameters<typeof compiling>[0] = (_values, x, context) =>
      context.recompute([x], {}, ([input]) => {
        const hidden = input!.sigmoid().mul(input!);
        if (runs++ === time) throw new Error('out of luck');
        return hidden;
      });
    const before = tf.memory().numTensors;
    expect(compiling(part)).toThrow('out of luck');
    expect(tf.memory().numTensors).toBe(before);
  });
});
