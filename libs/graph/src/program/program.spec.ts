import { runInNewContext } from 'node:vm';
import { expectClose, expectNoLeak } from '@assay/testing';
import { tf } from '@assay/tensorflow';
import { embeddingLookup } from '../ops/embedding-lookup.js';
import { expectLikeEager, valuesOf } from './compare.fixture.js';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import type { StepSchedule } from './schedule-nodes.js';
import { float, PERCEPTRON, perceptronBatch, tableBatch, tableModel } from './small-models.fixture.js';

const SIZES = [5, 4, 1, 7, 5, 32, 3, 6, 5, 4, 5, 4, 1, 7, 5, 32, 3, 6, 5, 4];
const BATCHES = SIZES.map((size, i) => perceptronBatch(size, i + 1));

describe('20 steps give the losses, metrics and weights of eager training with', () => {
  it.each([
    { kind: 'sgd' },
    { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 },
    { kind: 'sgd', momentum: 0.9, nesterov: true },
    { kind: 'adam', epsilon: 1e-6 },
    { kind: 'adamw', beta1: 0.8, beta2: 0.99, weightDecay: 0.2 },
    { kind: 'lamb', epsilon: 1e-6 },
  ] as const)('%o', (optimizer) => {
    expectLikeEager({ model: PERCEPTRON, options: { optimizer, seed: 3 }, batches: BATCHES });
  });

  it('clipping', () => {
    const options = { optimizer: { kind: 'sgd' }, clipNorm: 0.3 } as const;
    expectLikeEager({ model: PERCEPTRON, options, batches: BATCHES, learningRate: 0.1 });
  });

  it('a learning rate for each group', () => {
    const learningRate = { default: 0.001, head: 0.05 };
    expectLikeEager({
      model: PERCEPTRON,
      options: { optimizer: { kind: 'adam' } },
      batches: BATCHES,
      learningRate,
    });
  });

  it('moving averages', () => {
    expectLikeEager({
      model: PERCEPTRON,
      options: { optimizer: { kind: 'adamw' }, averageDecay: 0.9 },
      batches: BATCHES,
    });
  });

  it('frozen parameters', () => {
    expectLikeEager({
      model: PERCEPTRON,
      options: { optimizer: { kind: 'adamw' }, freeze: /^hidden/ },
      batches: BATCHES,
    });
  });

  it('a table whose gradient is dense', () => {
    const batches = SIZES.map((size, i) => tableBatch(size, 1 + (i % 5), i + 1));
    expectLikeEager({ model: tableModel(false), options: { optimizer: { kind: 'adamw' } }, batches });
  });
});

describe('a sparse table', () => {
  // Every id in every batch, where the lazy and the dense form are the same.
  const all = (seed: number) => {
    const batch = tableBatch(25, 4, seed);
    return {
      ...batch,
      token: { ...batch.token!, data: Int32Array.from({ length: 100 }, (_, i) => (i * 7 + seed) % 50) },
    };
  };

  it.each([
    { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 },
    { kind: 'sgd', weightDecay: 0.1 },
    { kind: 'adamw', weightDecay: 0.1 },
    { kind: 'lamb', epsilon: 1e-6 },
  ] as const)('is updated as a dense one when every row is used, with %o', (optimizer) => {
    const batches = Array.from({ length: 20 }, (_, i) => all(i));
    expectLikeEager({ model: tableModel(true), options: { optimizer, clipNorm: 0.5 }, batches });
  });

  it('leaves rows alone that a batch does not use, with their moments', () => {
    using program = compile(tableModel(true), { optimizer: { kind: 'adamw', weightDecay: 0.1 } });
    program.step(tableBatch(4, 5, 1), { learningRate: 0.1, step: 1 });
    const before = program.readVariables();
    const batch = tableBatch(4, 5, 2, 10);
    program.step(batch, { learningRate: 0.1, step: 2 });
    const after = program.readVariables();
    const used = new Set(batch.token!.data);
    for (const name of ['table', 'optimizer/moment1/table', 'optimizer/moment2/table']) {
      const isEqual = (row: number) =>
        [0, 1, 2, 3].every((i) => after[name]!.data[4 * row + i] === before[name]!.data[4 * row + i]);
      expect(Array.from({ length: 50 }, (_, row) => row).filter((row) => !isEqual(row))).toEqual(
        [...used].sort((a, b) => a - b),
      );
    }
  });

  it('moves a row as Adam does by hand', () => {
    // One id twice: its gradient is the sum. The first step of Adam without decay moves by the learning rate.
    using program = compile(tableModel(true), {
      optimizer: { kind: 'adam', epsilon: 0 },
      initial: { table: new Float32Array(200).fill(0.5), weight: Float32Array.of(1, 1, 1, 1) },
    });
    const token = { dtype: 'int32', shape: [1, 2], data: Int32Array.of(7, 7) } as const;
    program.step({ token, y: float([1, 1], Float32Array.of(0)) }, { learningRate: 0.1, step: 1 });
    const { table } = program.readVariables(['table']);
    expectClose(table!.data.slice(26, 34), [0.5, 0.5, 0.4, 0.4, 0.4, 0.4, 0.5, 0.5]);
  });

  it('has no update that costs by its size', () => {
    using program = compile(tableModel(true), { optimizer: { kind: 'adamw' }, clipNorm: 1 });
    const { ops } = program.describe().graph;
    expect(ops.ResourceApplyAdam).toBe(1); // the weight
    expect(ops.ResourceScatterUpdate).toBe(2);
    expect(ops.ResourceGather).toBeGreaterThan(0);
  });

  it('must not be used as a whole', () => {
    const model = tableModel(true);
    const decayed: ModelDefinition = {
      ...model,
      loss: (values, batch, context) => {
        const { loss } = model.loss(values, batch, context);
        return { loss: loss.add(values.table!.square().sum()) };
      },
    };
    expect(() => compile(decayed, { optimizer: { kind: 'adam' } })).toThrow(
      /table 'table' is declared sparse.*touches every row/,
    );
  });
});

describe('freezing', () => {
  it('leaves the rate of a group whose parameters are all frozen without effect', () => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, freeze: /^head/ });
    const learningRate = { default: 0.1, head: 5 };
    expect(program.step(perceptronBatch(3, 1), { learningRate, step: 1 }).loss).toBeGreaterThan(0);
  });

  it('is described', () => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, freeze: /^head/ });
    const { trained, frozen } = program.describe();
    expect({ trained, frozen }).toEqual({
      trained: ['hidden/weight', 'hidden/bias'],
      frozen: ['head/weight', 'head/bias'],
    });
  });

  it('takes the backward pass of the frozen part out of the graph', () => {
    const nodes = (freeze?: RegExp) => {
      using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, freeze });
      return program.describe().graph.ops.BiasAddGrad;
    };
    expect([nodes(), nodes(/^hidden/)]).toEqual([2, 1]);
  });

  it('needs something that is left', () => {
    expect(() => compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, freeze: () => true })).toThrow(
      /No parameter is left/,
    );
  });
});

describe('weights', () => {
  it('are read, assigned, and used by the next call', () => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
    program.assignVariables({
      'hidden/weight': new Float32Array(24),
      'hidden/bias': new Float32Array(8).fill(0.5),
      'head/weight': new Float32Array(8).fill(0.25),
      'head/bias': Float32Array.of(2),
    });
    const { y } = program.predict({ x: perceptronBatch(2, 1).x! });
    expect(y).toEqual({ dtype: 'float32', shape: [2, 1], data: Float32Array.of(3, 3) });
    expect(program.readVariables(['head/bias'])).toEqual({
      'head/bias': { shape: [1], data: Float32Array.of(2) },
    });
  });

  it('must fit', () => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
    expect(() => program.assignVariables({ 'head/bias': new Float32Array(2) })).toThrow(
      /shape \[1\] needs 1 values; got 2/,
    );
    expect(() => program.assignVariables({ nothing: new Float32Array(2) })).toThrow(/no variable 'nothing'/);
    expect(() => program.readVariables(['nothing'])).toThrow(/no variable 'nothing'/);
  });

  it('that are assigned leave the moving average, which is assigned by its own name', () => {
    using program = compile(PERCEPTRON, {
      optimizer: { kind: 'sgd' },
      averageDecay: 0.5,
      initial: { 'head/bias': Float32Array.of(3) },
    });
    program.assignVariables({ 'head/bias': Float32Array.of(5) });
    const averageOf = () => program.readVariables(['average/head/bias'])['average/head/bias']!.data;
    expect([...averageOf()]).toEqual([3]);
    program.assignVariables({ 'average/head/bias': Float32Array.of(5) });
    expect([...averageOf()]).toEqual([5]);
  });

  it('are drawn from the seed', () => {
    const draw = (seed: number) => {
      using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, seed });
      return valuesOf(program, PERCEPTRON);
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('of the moving average serve evaluation and prediction', () => {
    const batch = perceptronBatch(4, 9);
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, averageDecay: 0 });
    using plain = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
    const start = program.evaluate(batch, { weights: 'average' });
    expect(start.loss).toBe(program.evaluate(batch).loss);
    program.step(batch, { learningRate: 0.1, step: 1 });
    // With decay 0 the average is the latest value.
    expect(program.evaluate(batch, { weights: 'average' }).loss).toBe(program.evaluate(batch).loss);
    expect(program.evaluate(batch).loss).not.toBe(start.loss);
    const inputs = { x: batch.x! };
    expect(program.predict(inputs, { weights: 'average' })).toEqual(program.predict(inputs));
    expect(() => plain.evaluate(batch, { weights: 'average' })).toThrow(/keeps no moving average/);
    const other = { weights: 'avg' as 'average' };
    for (const using of [() => program.evaluate(batch, other), () => program.predict(inputs, other)])
      expect(using).toThrow(/^weights must be 'latest' or 'average'; got 'avg'/);
  });
});

describe('a step', () => {
  it('gives outputs of any shape, from before the update', () => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
    const batch = perceptronBatch(3, 5);
    const { outputs, loss } = program.step(batch, { learningRate: 0, step: 1 });
    expect(outputs.error).toMatchObject({ dtype: 'float32', shape: [3, 1] });
    const squares = [...outputs.error!.data].map((error) => error * error);
    expectClose([loss], [squares.reduce((a, b) => a + b, 0) / 3]);
  });

  it('needs a number from 1 and a rate for every group', () => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
    const batch = perceptronBatch(3, 5);
    expect(() => program.step(batch, { learningRate: 0.1, step: 0 })).toThrow(/counted from 1; got 0/);
    expect(() => program.step(batch, { learningRate: { default: 0.1 }, step: 1 })).toThrow(
      /group 'head' must be .*; got none\. Fix: .* \(default, head\)/,
    );
    expect(() => program.step(batch, { learningRate: { default: 0.1, heads: 0.1 }, step: 1 })).toThrow(
      /no group of parameters 'heads'; there are default, head\. Fix: name 'head'/,
    );
    expect(() => program.step(batch, { learningRate: NaN, step: 1 })).toThrow(
      /must be ≥ 0 and finite; got NaN/,
    );
  });

  it('leaves no tensor behind', async () => {
    await expectNoLeak(tf, () => {
      using program = compile(PERCEPTRON, {
        optimizer: { kind: 'adamw' },
        averageDecay: 0.9,
        accumulate: true,
      });
      program.step(perceptronBatch(3, 1), { learningRate: 0.1, step: 1 });
      program.stepAccumulated([perceptronBatch(3, 1), perceptronBatch(2, 1)], { learningRate: 0.1, step: 2 });
      program.evaluate(perceptronBatch(3, 1));
      program.predict({ x: perceptronBatch(3, 1).x! });
    });
  });
});

it('an optimiser with a setting out of range is refused', () => {
  expect(() => compile(PERCEPTRON, { optimizer: { kind: 'adam', beta1: 1 } })).toThrow(
    /beta1 must be in \[0, 1\); got 1/,
  );
  expect(() => compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, clipNorm: 0 })).toThrow(
    /clipNorm must be > 0 and finite; got 0/,
  );
});

it('a disposed program says so', () => {
  const program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
  program.dispose();
  program.dispose();
  expect(() => program.evaluate(perceptronBatch(3, 1))).toThrow(
    /cannot run the compiled program: it was disposed/,
  );
  for (const use of [() => program.evaluate(perceptronBatch(3, 1)), () => program.describe()])
    expect(use).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
});

it.each([
  ['x B', 'y'],
  ['X_BF', 'x_BF'],
  ['sizes', 'schedule'],
  ['feed/x', 'x'],
])("inputs, parameters and tables may be named '%s' and '%s'", (a, b) => {
  const spec = { dtype: 'float32', shape: ['B'] } as const;
  const inputs: ModelDefinition = {
    parameters: { w: { shape: [], init: 'ones' } },
    inputs: { [a]: spec, [b]: spec },
    loss: ({ w }, batch) => ({ loss: w!.mul(batch[a]!.mean().mul(10).add(batch[b]!.mean())) }),
  };
  const one = (value: number) => float([1], Float32Array.of(value));
  using first = compile(inputs, { optimizer: { kind: 'sgd' } });
  expect(first.step({ [a]: one(1), [b]: one(3) }, { learningRate: 0, step: 1 }).loss).toBe(13);
  const table = { shape: [4, 2], init: 'ones', sparse: true } as const;
  const tables: ModelDefinition = {
    parameters: { [a]: table, [b]: table },
    inputs: { id: { dtype: 'int32', shape: ['B', 1] } },
    loss: (values, { id }) => {
      const rows = [a, b].map((name) => embeddingLookup(values[name] as tf.Tensor2D, id as tf.Tensor2D));
      return { loss: tf.addN(rows).mean() };
    },
  };
  using second = compile(tables, { optimizer: { kind: 'sgd' }, accumulate: true });
  const id = (row: number) => ({ id: { dtype: 'int32' as const, shape: [1, 1], data: Int32Array.of(row) } });
  second.stepAccumulated([id(1), id(2)], { learningRate: 1, step: 1 });
  for (const { data } of Object.values(second.readVariables([a, b])))
    expect([...data]).toEqual([1, 1, 0.75, 0.75, 0.75, 0.75, 1, 1]); // the slope of a mean of two numbers, halved
});

it('variables take Float32Arrays of any realm, and nothing else', () => {
  using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
  const foreign = runInNewContext('Float32Array.of(5)') as Float32Array;
  program.assignVariables({ 'head/bias': foreign });
  expect([...program.readVariables(['head/bias'])['head/bias']!.data]).toEqual([5]);
  for (const value of [new Float64Array(1), [1], undefined])
    expect(() => program.assignVariables({ 'head/bias': value as unknown as Float32Array })).toThrow(
      /^The values of 'head\/bias' are a/,
    );
  expect([...program.readVariables(['head/bias'])['head/bias']!.data]).toEqual([5]);
});

it('a step without a learning rate is refused', () => {
  using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
  for (const schedule of [{ step: 1 }, { step: 1, learningRate: NaN }, { step: 1, learningRate: {} }])
    expect(() => program.step(perceptronBatch(3, 1), schedule as StepSchedule)).toThrow(
      /learning rate of the group '(default|head)' must be ≥ 0 and finite; got (none|NaN)/,
    );
});

it('means over B·(L + 1) tokens and products of large sizes hold at every size', () => {
  const model: ModelDefinition = {
    parameters: { w: { shape: [], init: 'ones' } },
    inputs: { x: { dtype: 'float32', shape: ['B', 'L', 1] } },
    loss: ({ w }, { x }) => {
      const [B = 0] = x!.shape;
      const first = tf.ones([B, 1, 1]).mul(w!);
      const joined = tf.concat([first, x!], 1).mul(w!);
      const share = x!
        .sum()
        .div(B * B)
        .mul(B)
        .mul(w!); // B² of 50,000 rows is no int32
      return { loss: joined.mean(), metrics: { share } };
    },
  };
  using program = compile(model, { optimizer: { kind: 'sgd' } });
  for (const [B, L] of [
    [1, 1],
    [3, 4],
    [50_000, 1],
  ] as const) {
    const x = { x: float([B, L, 1], new Float32Array(B * L).fill(2)) };
    const { loss, metrics } = program.step(x, { learningRate: 0, step: 1 });
    expectClose([loss, metrics.share!], [(2 * L + 1) / (L + 1), 2 * L], { relative: 1e-5 });
  }
});
