import { embeddingLookup } from '../ops/embedding-lookup.js';
import { runInNewContext } from 'node:vm';
import { compile } from './compile.js';
import { describeEngine, tf } from '@assay/tensorflow';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.js';
import type { Feed } from '../check-feeds.js';
import { checkBatch, type Batch } from './batch-feeds.js';
import type { InputSpec, ModelDefinition } from './model-definition.js';
import { float, tableBatch, tableModel } from './small-models.fixture.js';

const SPECS: Record<string, InputSpec> = {
  token: { dtype: 'int32', shape: ['B', 'L'], below: 9 },
  mask: { dtype: 'float32', shape: ['B', 'L'] },
  image: { dtype: 'uint8', shape: [null, 2, 2, 1] },
};
const int = (shape: number[], data: number[]): Feed => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(data),
});
const bytes = (shape: number[], data: number[]): Feed => ({
  dtype: 'uint8',
  shape,
  data: Uint8Array.from(data),
});
const BATCH = {
  token: int([1, 2], [0, 8]),
  mask: float([1, 2], Float32Array.of(1, 0)),
  image: bytes([1, 2, 2, 1], [1, 2, 3, 4]),
};

describe('a batch is checked', () => {
  it('and gives the sizes of its axes', () => {
    expect(checkBatch(SPECS, BATCH)).toEqual({ B: 1, L: 2 });
  });

  it.each([
    ['a missing input', { token: BATCH.token, mask: BATCH.mask }, /needs the input 'image'; got token, mask/],
    [
      'an unknown input',
      { ...BATCH, extra: BATCH.mask },
      /takes no input 'extra'; it takes token, mask, image/,
    ],
    [
      'another rank',
      { ...BATCH, token: int([2], [0, 8]) },
      /'token' must have the shape \[B, L\]; got \[2\]/,
    ],
    [
      'another fixed length',
      { ...BATCH, image: bytes([1, 2, 3, 1], [1, 2, 3, 4, 5, 6]) },
      /got \[1, 2, 3, 1\]/,
    ],
    [
      'an empty axis',
      { ...BATCH, token: int([1, 0], []) },
      /must have the shape \[B, L\]; got \[1, 0\]\. Fix: feed at least one row: every axis has a length of 1 or more/,
    ],
    [
      'a missing form',
      { ...BATCH, token: [1, 2] },
      /'token' is of the type Array; expected \{ dtype, shape, data \}/,
    ],
    ['nothing', { ...BATCH, token: null }, /'token' is null; expected \{ dtype, shape, data \}/],
    ['too few values', { ...BATCH, token: int([1, 2], [0]) }, /needs 2 values; got 1/],
    [
      'an axis of two lengths',
      { ...BATCH, mask: float([1, 3], new Float32Array(3)) },
      /'mask' has L=3, 'token' has L=2/,
    ],
    ['another dtype', { ...BATCH, mask: int([1, 2], [1, 0]) }, /mask.*float32.*int32/],
    ['an id too large', { ...BATCH, token: int([1, 2], [0, 9]) }, /the id 9 at position 1, expected 0 … 8/],
    ['a negative id', { ...BATCH, token: int([1, 2], [-1, 0]) }, /the id -1 at position 0/],
  ])('for %s', (_, batch, message) => {
    expect(() => checkBatch(SPECS, batch as Record<string, Feed>)).toThrow(message);
  });
});

it('ids that a model looks up are checked without being declared', () => {
  using program = compile(tableModel(true), { optimizer: { kind: 'sgd' } });
  const batch = tableBatch(2, 3, 1);
  const token = { ...batch.token!, data: Int32Array.of(0, 1, 2, 3, 4, 50) };
  expect(() => program.step({ ...batch, token }, { learningRate: 0.1, step: 1 })).toThrow(
    /the id 50 at position 5, expected 0 … 49/,
  );
});

it('a tensor is no feed, and the way to its numbers is told', () => {
  const mask = tf.ones([1, 2]);
  expect(() => checkBatch(SPECS, { ...BATCH, mask: mask as unknown as Feed })).toThrow(
    /'mask' is a tensor; expected .* Fix: feed numbers, like data: await tensor\.data\(\)/,
  );
  mask.dispose();
});

it.each([
  ['missing', { token: BATCH.token, mask: BATCH.mask }],
  ['unknown', { ...BATCH, extra: BATCH.mask }],
])('an input that is %s is a matter of usage, not of shapes', (_, batch) => {
  expect(() => checkBatch(SPECS, batch)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
});

describe('bytes', () => {
  const model: ModelDefinition = {
    parameters: { scale: { shape: [], init: 'ones' } },
    inputs: { image: { dtype: 'uint8', shape: ['B', 3] } },
    loss: ({ scale }, { image }) => {
      const scaled = image!.toFloat().mul(scale!);
      return {
        loss: scaled.mean(),
        outputs: { scaled, whole: image!.add(tf.scalar(1, 'int32')) },
      };
    },
  };

  it.each([1, 2, 3, 4, 5])('of %i rows reach the model, whatever the padding to words', (batchSize) => {
    using program = compile(model, { optimizer: { kind: 'sgd' } });
    const data = Uint8Array.from({ length: batchSize * 3 }, (_, i) => (i * 83) % 256);
    const { outputs } = program.evaluate({ image: { dtype: 'uint8', shape: [batchSize, 3], data } });
    expect(outputs.scaled!.data).toEqual(Float32Array.from(data));
    expect(outputs.whole).toEqual({
      dtype: 'int32',
      shape: [batchSize, 3],
      data: Int32Array.from(data, (x) => x + 1),
    });
  });

  it('may be an array of another realm', () => {
    using program = compile(model, { optimizer: { kind: 'sgd' } });
    const data = runInNewContext('Uint8Array.of(1, 2, 255)') as Uint8Array;
    const { outputs } = program.evaluate({ image: { dtype: 'uint8', shape: [1, 3], data } });
    expect([...outputs.scaled!.data]).toEqual([1, 2, 255]);
  });

  it('that lie anywhere in a buffer are taken from there', () => {
    using program = compile(model, { optimizer: { kind: 'sgd' } });
    const buffer = new SharedArrayBuffer(16);
    new Uint8Array(buffer).set([9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 9]);
    for (const offset of [5, 4]) {
      const data = new Uint8Array(buffer, offset, offset === 5 ? 6 : 12);
      const { outputs } = program.evaluate({ image: { dtype: 'uint8', shape: [data.length / 3, 3], data } });
      expect(outputs.scaled!.data).toEqual(Float32Array.from(data));
    }
  });
});

it('columns of one input may be ids of tables of different sizes', () => {
  const model: ModelDefinition = {
    parameters: { few: { shape: [2, 1], init: 'ones' }, many: { shape: [900, 1], init: 'ones' } },
    inputs: { id: { dtype: 'int32', shape: ['B', 2] } },
    loss: (values, { id }) => {
      const row = (name: string, column: number) =>
        embeddingLookup(values[name] as tf.Tensor2D, id!.slice([0, column], [-1, 1]) as tf.Tensor2D);
      return { loss: row('few', 0).add(row('many', 1)).mean() };
    },
  };
  using program = compile(model, { optimizer: { kind: 'sgd' } });
  expect(program.evaluate({ id: int([1, 2], [1, 899]) }).loss).toBe(2);
});

// a GPU gives NaN for such a class
(describeEngine().deviceKind === 'cpu' ? describe : describe.skip)('a class that the logits lack', () => {
  /** Classes a and b, beside ids that are no classes. */
  const model: ModelDefinition = {
    parameters: { table: { shape: [10, 2], init: 'ones' }, weight: { shape: [2, 3], init: 'ones' } },
    inputs: { id: { dtype: 'int32', shape: ['B', 2] } },
    targets: { a: { dtype: 'int32', shape: ['B'] }, b: { dtype: 'int32', shape: ['B', 1] } },
    loss: ({ table, weight }, batch) => {
      const vector = embeddingLookup(table as tf.Tensor2D, batch.id as tf.Tensor2D).mean(1);
      const logits = tf.matMul<tf.Tensor2D>(vector, weight!);
      return {
        loss: softmaxCrossEntropy(logits, batch.a as tf.Tensor1D).add(
          softmaxCrossEntropy(logits, batch.b!.squeeze<tf.Tensor1D>([1])),
        ),
      };
    },
  };
  const batchOf = (a: number[], b: number[]): Batch => ({
    id: int([2, 2], [1, 3, 7, 2]),
    a: int([2], a),
    b: int([2, 1], b),
  });

  it.each([
    [batchOf([0, 3], [1, 2]), /^Input 'a' holds the class 3 at position 1, expected 0 … 2\. Fix: count/],
    [batchOf([0, -1], [1, 7]), /^Input 'b' holds the class 7 at position 1/],
    [batchOf([0, 3], [3, 2]), /^The engine could not run the compiled program: .*label value of 3/s],
  ])('is found in the one input of classes that holds it: %#', (batch, message) => {
    using program = compile(model, { optimizer: { kind: 'sgd' } });
    for (const run of [
      () => program.evaluate(batch),
      () => program.step(batch, { learningRate: 1, step: 1 }),
    ])
      expect(run).toThrow(message);
  });
});

it('ids of a table under state are checked, as those of a parameter', () => {
  const model: ModelDefinition = {
    parameters: { w: { shape: [], init: 'ones' } },
    state: { table: { shape: [4, 2], init: 'ones' } },
    inputs: { id: { dtype: 'int32', shape: ['B', 1] } },
    loss: ({ table, w }, { id }) => ({
      loss: embeddingLookup(table as tf.Tensor2D, id as tf.Tensor2D)
        .mul(w!)
        .mean(),
    }),
  };
  using program = compile(model, { optimizer: { kind: 'sgd' } });
  expect(() => program.evaluate({ id: int([1, 1], [4]) })).toThrow(
    /holds the id 4 at position 0, expected 0 … 3/,
  );
});
