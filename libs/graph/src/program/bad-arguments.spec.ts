import type { tf } from '@assay/tensorflow';
import { withTempDir } from '@assay/testing';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import type { Program } from './program.js';
import { float, PERCEPTRON, perceptronBatch } from './small-models.fixture.js';

const BATCH = perceptronBatch(2, 1);
const SCHEDULE = { learningRate: 0.1, step: 1 };
const OPTIONS = { optimizer: { kind: 'sgd' }, accumulate: true } as const;

describe('a call with an argument that is none has the code USAGE and says what is expected:', () => {
  it.each<[string, (program: Program) => unknown, RegExp]>([
    [
      'step()',
      (p) => p.step(...([] as unknown as [never, never])),
      /The program takes \{ name: .* got undefined/,
    ],
    [
      'step(batch)',
      (p) => p.step(BATCH, undefined as never),
      /needs \{ learningRate, step \}; got undefined/,
    ],
    ['step(batch, null)', (p) => p.step(BATCH, null as never), /needs \{ learningRate, step \}; got null/],
    ['predict()', (p) => p.predict(undefined as never), /The program takes \{ name: .* got undefined/],
    ['predict(batch, null)', (p) => p.predict({ x: BATCH.x! }, null as never), /Options are .* got null/],
    [
      'evaluate of weights that every object has',
      (p) => p.evaluate(BATCH, { weights: 'constructor' as never }),
      /'latest' or 'average'; got 'constructor'/,
    ],
    [
      'stepAccumulated(batch)',
      (p) => p.stepAccumulated(BATCH as never, SCHEDULE),
      /needs \[batch, …\]; got \{/,
    ],
    [
      'stepAccumulated([batch])',
      (p) => p.stepAccumulated([BATCH], undefined as never),
      /needs \{ learningRate, step \}/,
    ],
    ['readVariables(name)', (p) => p.readVariables('head/bias' as never), /\['name', …\]; got 'head\/bias'/],
    [
      'readVariables of a name that every object has',
      (p) => p.readVariables(['toString']),
      /no variable 'toString'/,
    ],
    ['assignVariables()', (p) => p.assignVariables(undefined as never), /assigned from .* got undefined/],
    [
      'assignVariables of a name that every object has',
      (p) => p.assignVariables({ toString: new Float32Array(1) }),
      /no variable 'toString'/,
    ],
    [
      'an input that every object has',
      (p) => p.evaluate({ ...BATCH, constructor: BATCH.x! }),
      /takes no input 'constructor'/,
    ],
    [
      'a group that every object has',
      (p) => p.step(BATCH, { learningRate: { toString: 1 }, step: 1 }),
      /no group of parameters 'toString'/,
    ],
  ])('%s', (_, call, message) => {
    using program = compile(PERCEPTRON, OPTIONS);
    const before = program.readVariables();
    expect(() => call(program)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
    expect(() => call(program)).toThrow(message);
    expect(program.readVariables()).toEqual(before);
  });

  it.each<[string, (program: Program, dir: never) => Promise<void>]>([
    ['save', (p, dir) => p.save(dir)],
    ['restore', (p, dir) => p.restore(dir)],
    ['exportSavedModel', (p, dir) => p.exportSavedModel(dir)],
  ])('%s()', async (_, call) => {
    using program = compile(PERCEPTRON, OPTIONS);
    for (const dir of [undefined, 3]) {
      const calling = call(program, dir as never);
      await expect(calling).rejects.toMatchObject({ code: 'USAGE' });
      await expect(calling).rejects.toThrow(`named by its path; got ${dir}`);
    }
  });
});

it('parameters, axes and inputs may have names that every object has', () => {
  const model: ModelDefinition = {
    parameters: { constructor: { shape: [2], init: { value: 3 } } },
    inputs: { valueOf: { dtype: 'float32', shape: ['toString', 2] } } as never,
    loss: (values, batch) => ({
      loss: (batch.valueOf as unknown as tf.Tensor).mul(values.constructor as unknown as tf.Tensor).mean(),
    }),
  };
  using program = compile(model, { optimizer: { kind: 'sgd' }, initial: {} });
  const batch = { valueOf: float([1, 2], Float32Array.of(1, 2)) };
  expect(program.evaluate(batch as never).loss).toBe(4.5);
});

it.each([[undefined], [{}], ['']])('an axis %p is no axis', (axis) => {
  const x = { dtype: 'float32', shape: [axis as string, 3] } as const;
  expect(() => compile({ ...PERCEPTRON, inputs: { x } }, { optimizer: { kind: 'sgd' } })).toThrow(
    expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
  );
});

describe('an instance of a class is a model', () => {
  it('with fields of its own, and functions that use them', () => {
    class Scaled {
      readonly scale = 2;
      readonly parameters = { w: { shape: [], init: 'ones' } } as const;
      readonly inputs = { x: { dtype: 'float32', shape: ['B'] } } as const;
      loss: ModelDefinition['loss'] = (values, batch) => ({ loss: this.of(values.w!, batch.x!).mean() });
      predict: ModelDefinition['predict'] = (values, { x }) => ({ y: this.of(values.w!, x!) });
      of(w: tf.Tensor, x: tf.Tensor): tf.Tensor {
        return x.mul(w).mul(this.scale);
      }
    }
    using program = compile(new Scaled(), { optimizer: { kind: 'sgd' } });
    expect(program.evaluate({ x: float([1], Float32Array.of(3)) }).loss).toBe(6);
  });

  it('with getters, through export and restoring', async () => {
    class Got {
      get parameters() {
        return PERCEPTRON.parameters;
      }
      get inputs() {
        return PERCEPTRON.inputs;
      }
      get targets() {
        return PERCEPTRON.targets;
      }
      get scale() {
        return 3;
      }
      loss(...args: Parameters<ModelDefinition['loss']>) {
        const { loss } = PERCEPTRON.loss(...args);
        return { loss: loss.mul(this.scale) };
      }
      predict(...args: Parameters<NonNullable<ModelDefinition['predict']>>) {
        return PERCEPTRON.predict!(...args);
      }
    }
    using plain = compile(PERCEPTRON, OPTIONS);
    using program = compile(new Got(), OPTIONS);
    expect(program.evaluate(BATCH).loss).toBeCloseTo(3 * plain.evaluate(BATCH).loss, 5);
    program.stepAccumulated([BATCH, BATCH], SCHEDULE);
    await withTempDir(async (root) => program.exportSavedModel(`${root}/model`));
  });

  it('unlike a plain object with a part that there is not', () => {
    expect(() => compile({ ...PERCEPTRON, target: {} } as never, OPTIONS)).toThrow(
      /no part 'target' of a model/,
    );
  });
});
