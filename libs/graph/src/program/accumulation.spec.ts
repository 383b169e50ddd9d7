import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.js';
import { expectClose } from '@assay/testing';
import { tf } from '@assay/tensorflow';
import { valuesOf } from './compare.fixture.js';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import { float, PERCEPTRON, perceptronBatch, tableBatch, tableModel } from './small-models.fixture.js';
import type { Batch } from './batch-feeds.js';

/** The perceptron without dropout, whose masks differ between one batch and its parts. */
const PLAIN: ModelDefinition = {
  ...PERCEPTRON,
  loss: (values, batch, context) => PERCEPTRON.loss(values, batch, { ...context, dropout: (x) => x }),
};

/** Rows [from, to) of a batch. */
const rowsOf = (batch: Batch, from: number, to: number): Batch =>
  Object.fromEntries(
    Object.entries(batch).map(([name, { dtype, shape, data }]) => {
      const width = data.length / (shape[0] ?? 1);
      return [
        name,
        { dtype, shape: [to - from, ...shape.slice(1)], data: data.slice(from * width, to * width) },
      ];
    }),
  );

const NEAR = { absolute: 2e-6, relative: 2e-6 };

function expectLikeWhole(model: ModelDefinition, batchOf: (seed: number) => Batch): void {
  const options = {
    optimizer: { kind: 'adamw', weightDecay: 0.1, epsilon: 1e-4 },
    clipNorm: 0.5,
    seed: 1,
  } as const;
  using whole = compile(model, options);
  using parts = compile(model, { ...options, accumulate: true });
  for (let step = 1; step <= 5; step++) {
    const batch = batchOf(step);
    const schedule = { learningRate: 0.05, step };
    const expected = whole.step(batch, schedule);
    const result = parts.stepAccumulated(
      [rowsOf(batch, 0, 3), rowsOf(batch, 3, 4), rowsOf(batch, 4, 9)],
      schedule,
    );
    expectClose([result.loss, result.gradientNorm!], [expected.loss, expected.gradientNorm!], NEAR);
    expectClose(Object.values(result.metrics), Object.values(expected.metrics), NEAR);
  }
  const expected = valuesOf(whole, model);
  for (const [name, values] of Object.entries(valuesOf(parts, model)))
    expectClose(values, expected[name]!, NEAR);
}

describe('a step from parts of 3, 1 and 5 rows is that of the whole batch', () => {
  it('for dense gradients', () => {
    expectLikeWhole(PLAIN, (seed) => perceptronBatch(9, seed));
  });

  it('for a sparse table, whose parts use different rows', () => {
    expectLikeWhole(tableModel(true), (seed) => tableBatch(9, 3, seed));
  });
});

it('a single part is a step', () => {
  using whole = compile(PLAIN, { optimizer: { kind: 'sgd' } });
  using parts = compile(PLAIN, { optimizer: { kind: 'sgd' }, accumulate: true });
  const schedule = { learningRate: 0.1, step: 1 };
  const [a, b] = [
    whole.step(perceptronBatch(4, 1), schedule),
    parts.stepAccumulated([perceptronBatch(4, 1)], schedule),
  ];
  expect(b.loss).toBe(a.loss);
  expect(valuesOf(parts, PLAIN)).toEqual(valuesOf(whole, PLAIN));
});

it('parts draw different dropout masks', () => {
  const model: ModelDefinition = {
    ...PERCEPTRON,
    loss: ({ 'head/bias': bias }, { x }, context) => {
      const mask = context.dropout(tf.onesLike(x!), 0.5).add(bias!.mul(0).sum());
      return {
        loss: mask.mean(),
        metrics: { first: mask.mul(tf.tensor1d([1, 10, 100])).sum() },
      };
    },
  };
  using program = compile(model, { optimizer: { kind: 'sgd' }, accumulate: true });
  const batch = perceptronBatch(1, 1);
  const weights = [1, 10, 100];
  const masks = Array.from({ length: 16 }, (_, i) => {
    const { metrics } = program.stepAccumulated([batch, batch], { learningRate: 0, step: i + 1 });
    return metrics.first! * 2;
  });
  // The sum over two equal masks of 0 or 2 would have digits 0 and 4 only.
  expect(masks.some((sum) => weights.some((weight) => Math.round((sum / 2 / weight) % 10) === 2))).toBe(true);
});

it('a part that is not finite ends the step: nothing is changed, nothing stays behind', () => {
  using program = compile(tableModel(true), { optimizer: { kind: 'adamw' }, accumulate: true, seed: 2 });
  using clean = compile(tableModel(true), { optimizer: { kind: 'adamw' }, accumulate: true, seed: 2 });
  const good = tableBatch(4, 3, 1);
  const bad = { ...tableBatch(1, 3, 9), y: float([1, 1], Float32Array.of(NaN)) };
  const before = program.readVariables();
  for (const batches of [[good, bad, good], [good, good, bad], [bad]])
    expect(() => program.stepAccumulated(batches, { learningRate: 0.1, step: 1 })).toThrow(
      /the weights are as before/,
    );
  const after = program.readVariables(Object.keys(before).filter((name) => !name.startsWith('accumulated/')));
  for (const [name, { data }] of Object.entries(after)) expect(data).toEqual(before[name]!.data);
  const schedule = { learningRate: 0.1, step: 1 };
  program.stepAccumulated([good, tableBatch(2, 3, 3)], schedule);
  clean.stepAccumulated([good, tableBatch(2, 3, 3)], schedule);
  expect(program.readVariables()).toEqual(clean.readVariables());
});

it('weighs batches by the axis B, which must not have another name; without named axes all weigh the same', () => {
  const model = (axis: string | number): ModelDefinition => ({
    parameters: { w: { shape: [], init: 'zeros' } },
    inputs: { x: { dtype: 'float32', shape: [axis] } },
    loss: ({ w }, { x }) => ({ loss: x!.mul(w!).mean() }),
  });
  const options = { optimizer: { kind: 'sgd' }, accumulate: true } as const;
  const slopeOf = (axis: string | number, rows: number[][]): number => {
    using program = compile(model(axis), options);
    const batches = rows.map((x) => ({ x: float([x.length], Float32Array.from(x)) }));
    program.stepAccumulated(batches, { learningRate: 1, step: 1 });
    return -program.readVariables(['w']).w!.data[0]!;
  };
  expect(slopeOf('B', [[1, 1, 1], [5]])).toBeCloseTo(2);
  expect(
    slopeOf(2, [
      [1, 1],
      [5, 7],
    ]),
  ).toBeCloseTo(3.5);
  expect(() => compile(model('N'), options)).toThrow(
    /accumulate weighs .* the axis B; the inputs have the axes N\. Fix: name the axis of the rows B/,
  );
  compile(model('N'), { optimizer: { kind: 'sgd' } }).dispose();
});

it('with checkFinite off, a gradient that is not finite under a finite loss is applied, of whichever batch', () => {
  const model: ModelDefinition = {
    parameters: { w: { shape: [], init: 'ones' } },
    inputs: { x: { dtype: 'float32', shape: ['B'] } },
    loss: ({ w }, { x }) => ({ loss: x!.mul(w!).abs().sqrt().mean() }), // slope 0 / 0 at x = 0
  };
  const batches = [0, 1].map((x) => ({ x: float([1], Float32Array.of(x)) }));
  const schedule = { learningRate: 0.1, step: 1 };
  for (const order of [batches, [...batches].reverse()]) {
    using checked = compile(model, { optimizer: { kind: 'sgd' }, accumulate: true });
    expect(() => checked.stepAccumulated(order, schedule)).toThrow(
      /gradient of norm NaN; the weights are as/,
    );
    expect(checked.readVariables(['w']).w!.data).toEqual(Float32Array.of(1));
    using program = compile(model, { optimizer: { kind: 'sgd' }, accumulate: true, checkFinite: false });
    program.stepAccumulated(order, schedule);
    expect(program.readVariables(['w']).w!.data).toEqual(Float32Array.of(NaN));
  }
});

it('needs the option and a batch', () => {
  using plain = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
  using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' }, accumulate: true });
  const schedule = { learningRate: 0.1, step: 1 };
  expect(() => plain.stepAccumulated([perceptronBatch(1, 1)], schedule)).toThrow(
    /compile it with accumulate: true/,
  );
  expect(() => program.stepAccumulated([], schedule)).toThrow(/at least one batch/);
});

describe('a step that fails in one of its batches changes nothing', () => {
  /** Classes from integer labels, and a state that counts batches. */
  const classes: ModelDefinition = {
    parameters: { w: { shape: [3, 4], init: 'glorotUniform' } },
    state: { count: { shape: [], init: 'zeros' } },
    inputs: { x: { dtype: 'float32', shape: ['B', 3] } },
    targets: { y: { dtype: 'int32', shape: ['B'] } },
    loss: (values, { x, y }, context) => {
      context.update('count', values.count!.add(1));
      return { loss: softmaxCrossEntropy(x!.matMul(values.w!) as tf.Tensor2D, y as tf.Tensor1D) };
    },
  };
  const batchOf = (x: number, label: number): Batch => ({
    x: float([1, 3], Float32Array.of(x, 1, -1)),
    y: { dtype: 'int32', shape: [1], data: Int32Array.of(label) },
  });
  const schedule = { learningRate: 0.5, step: 1 };
  const good = [batchOf(1, 0), batchOf(2, 3)];

  it.each([
    ['a class out of range', batchOf(1, 7), 'ENGINE_FAILED'],
    ['a value that is not finite', batchOf(NaN, 0), 'NON_FINITE'],
  ])('%s', (_, bad, code) => {
    using undisturbed = compile(classes, { optimizer: { kind: 'sgd' }, accumulate: true });
    using program = compile(classes, { optimizer: { kind: 'sgd' }, accumulate: true });
    const before = program.readVariables();
    for (const batches of [
      [...good, bad],
      [good[0]!, bad, good[1]!],
    ]) {
      expect(() => program.stepAccumulated(batches, schedule)).toThrow(
        expect.objectContaining({ code }) as Error,
      );
      expect(program.readVariables()).toEqual(before);
    }
    program.stepAccumulated(good, schedule);
    undisturbed.stepAccumulated(good, schedule);
    expect(program.readVariables()).toEqual(undisturbed.readVariables());
  });

  it('with checkFinite off too, but for a last batch that is not finite, which is told', () => {
    using program = compile(classes, { optimizer: { kind: 'sgd' }, accumulate: true, checkFinite: false });
    const before = program.readVariables();
    const bad = batchOf(NaN, 0);
    expect(() => program.stepAccumulated([good[0]!, bad, good[1]!], schedule)).toThrow(
      /gave the loss NaN; the weights are as before it/,
    );
    expect(() => program.stepAccumulated([good[0]!, batchOf(1, 7)], schedule)).toThrow(
      expect.objectContaining({ code: 'ENGINE_FAILED' }) as Error,
    );
    expect(program.readVariables()).toEqual(before);
    expect(() => program.stepAccumulated([good[0]!, bad], schedule)).toThrow(
      /gave the loss NaN; the weights were updated with it/,
    );
    const { w, count } = program.readVariables(['w', 'count']);
    expect(w!.data.some(Number.isNaN)).toBe(true);
    expect([...count!.data]).toEqual([2]);
  });
});
