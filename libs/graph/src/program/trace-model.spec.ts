import { tf } from '@assay/tensorflow';
import { expectNoLeak } from '@assay/testing';
import { dense } from '../ops/dense.js';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import { PERCEPTRON } from './small-models.fixture.js';

type Loss = ModelDefinition['loss'];
const SGD = { optimizer: { kind: 'sgd' } } as const;

/** The perceptron with another loss. */
const compiling =
  (loss: Loss, other: Partial<ModelDefinition> = {}) =>
  () =>
    compile({ ...PERCEPTRON, ...other, loss }, SGD).dispose();

/** The loss of the perceptron after something forbidden was done. */
const after =
  (act: (values: Record<string, tf.Tensor>, batch: Record<string, tf.Tensor>) => void): Loss =>
  (values, batch, context) => {
    act(values, batch);
    return PERCEPTRON.loss(values, batch, context);
  };

describe('what a graph cannot follow is refused with its place and the way out:', () => {
  const outside = tf.keep(tf.ones([3]));
  let counter = 0.1;
  afterAll(() => outside.dispose());

  it.each<[string, Loss, RegExp]>([
    [
      'reading a result',
      after((_, { x }) => x!.mean().dataSync()),
      /reads the result of op 'Mean' on the host at trace-model\.spec\.ts:\d+:\d+.*Fix: compute with tensor ops only/,
    ],
    [
      'reading a parameter',
      after(({ 'head/bias': bias }) => bias!.dataSync()),
      /reads 'head\/bias' on the host at trace-model\.spec\.ts/,
    ],
    [
      'tf.unique',
      after((_, { x }) => tf.unique(x!.flatten())),
      /Op 'UniqueV2' at trace-model\.spec\.ts.*length depends on values.*mask them/,
    ],
    [
      'a tensor from outside',
      after((_, { x }) => x!.mul(outside)),
      /op 'Mul' at trace-model\.spec\.ts.*uses a tensor that was made before.*as a parameter/,
    ],
    [
      'an if on a shape',
      after((_, { x }) => (x!.shape[0] > 5 ? x!.exp() : x!.sin())),
      /runs other ops at other batch sizes: op \d+ at trace-model\.spec\.ts:\d+:\d+ \(sin\) is 'Sin'/,
    ],
    [
      'a loop over the batch',
      after((_, { x }) => tf.unstack(x!)),
      /Attribute 'num' of op 'Unpack' at trace-model\.spec\.ts.*depends on the batch size/,
    ],
    [
      'Math.random in values',
      after((_, { x }) => x!.add(Math.random())),
      /draws from Math\.random at trace-model\.spec\.ts:\d+:\d+.*the same numbers in every step.*of the context/,
    ],
    [
      'tf.randomNormal',
      after((_, { x }) => x!.add(tf.randomNormal([3]))),
      /draws from Math\.random at trace-model\.spec\.ts/,
    ],
    [
      'tf.dropout',
      after((_, { x }) => tf.dropout(x!, 0.5)),
      /draws from Math\.random at trace-model\.spec\.ts/,
    ],
    [
      'a counter',
      after((_, { x }) => x!.add(counter++)),
      /Op 'Add' takes a constant of shape \[\] at trace-model\.spec\.ts:\d+:\d+.*changes from run to run.*make it an input/,
    ],
  ])('%s', (_, loss, message) => {
    expect(compiling(loss)).toThrow(message);
    expect(compiling(loss)).toThrow(expect.objectContaining({ code: 'TRACE_UNSUPPORTED' }) as Error);
  });

  it('an asynchronous function', () => {
    const loss = async (_: unknown, { x }: Record<string, tf.Tensor>) => ({
      loss: tf.scalar((await x!.data())[0]!),
    });
    expect(compiling(loss as unknown as Loss)).toThrow(/'loss' is asynchronous.*make it a plain function/);
  });

  it('Math.random in a rate', () => {
    const loss: Loss = (values, batch, context) => {
      const { loss: value } = PERCEPTRON.loss(values, batch, context);
      return { loss: value.mul(1 + Math.random()) };
    };
    expect(compiling(loss)).toThrow(/random/);
  });
});

describe('results must be', () => {
  it('a float32 scalar for the loss', () => {
    expect(compiling((values, { x }) => ({ loss: x!.mul(values['head/bias']!) }))).toThrow(
      /must give 'loss' as a float32 scalar; got float32 \[\d+, 3\]/,
    );
  });

  it('float32 scalars for the metrics', () => {
    const loss: Loss = (values, batch, context) => ({
      ...PERCEPTRON.loss(values, batch, context),
      metrics: { count: tf.scalar(1, 'int32') },
    });
    expect(compiling(loss)).toThrow(/'count' as a float32 scalar; got int32 \[\]/);
  });

  it('named otherwise than the loss', () => {
    const loss: Loss = (values, batch, context) => ({
      ...PERCEPTRON.loss(values, batch, context),
      metrics: { loss: tf.scalar(42) },
    });
    expect(compiling(loss)).toThrow(/a metric named 'loss', which would take the place of the loss/);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /'loss' returned undefined, expected an object of named tensors/],
    ['a tensor', () => tf.scalar(1), /'loss' returned a tensor, expected an object of named tensors/],
    ['an object without a loss', () => ({}), /must give 'loss' as a float32 scalar; got undefined/],
  ])('an object, not %s', (_, loss, message) => {
    expect(compiling(loss as Loss)).toThrow(message);
  });

  it.each(['metrics', 'outputs'])('an object of tensors under %s', (part) => {
    for (const [given, received] of [
      [tf.scalar, 'a tensor'],
      [() => null, 'null'],
    ] as const) {
      const loss = ((values, batch, context) => ({
        ...PERCEPTRON.loss(values, batch, context),
        [part]: given(1),
      })) as Loss;
      expect(compiling(loss)).toThrow(
        `The function 'loss' under '${part}' returned ${received}, expected an object of named tensors`,
      );
    }
  });

  it.each<[string, () => unknown, RegExp]>([
    ['empty', () => ({}), /'predict' returned no tensor/],
    ['a tensor', () => tf.scalar(1), /'predict' returned a tensor, expected an object of named tensors/],
  ])('a prediction that is not %s', (_, predict, message) => {
    const other = { predict } as unknown as Partial<ModelDefinition>;
    expect(compiling((...args) => PERCEPTRON.loss(...args), other)).toThrow(message);
  });

  it.each<[string, () => unknown]>([
    ['int32', () => tf.scalar(1, 'int32')],
    ['bool', () => tf.scalar(true)],
    ['number', () => 1],
    ['undefined', () => undefined],
  ])('float32 for a state, not %s', (received, value) => {
    const loss: Loss = (values, batch, context) => {
      context.update('count', value() as tf.Tensor);
      return PERCEPTRON.loss(values, batch, context);
    };
    const compilingIt = compiling(loss, { state: { count: { shape: [], init: 'zeros' } } });
    expect(compilingIt).toThrow(/update\('count'\) at trace-model\.spec\.ts.*needs a float32 value/);
    expect(compilingIt).toThrow(`; got ${received}. Fix`);
  });

  it('of the declared shape for a state', () => {
    const state = { mean: { shape: [3], init: 'zeros' } } as const;
    const update =
      (name: string, of: (x: tf.Tensor) => tf.Tensor): Loss =>
      (values, batch, context) => {
        context.update(name, of(batch.x!));
        return PERCEPTRON.loss(values, batch, context);
      };
    expect(
      compiling(
        update('mean', (x) => x.mean()),
        { state },
      ),
    ).toThrow(/update\('mean'\) at trace-model\.spec\.ts.*needs a value of shape \[3\]; got \[\]/);
    expect(
      compiling(
        update('median', (x) => x.mean(0)),
        { state },
      ),
    ).toThrow(/names no state; the model has mean/);
  });
});

describe('declarations', () => {
  it.each<[string, Partial<ModelDefinition>, RegExp]>([
    [
      'a name twice',
      { state: { x: { shape: [], init: 'zeros' } } },
      /'x' is declared under state and under inputs/,
    ],
    [
      'a reserved name',
      { state: { 'optimizer/x': { shape: [], init: 'zeros' } } },
      /starts with a word that programs use/,
    ],
    [
      'a length of 0',
      { state: { s: { shape: [0], init: 'zeros' } } },
      /every length must be a positive integer/,
    ],
  ])('with %s are refused', (_, other, message) => {
    expect(compiling((...args) => PERCEPTRON.loss(...args), other)).toThrow(message);
  });
});

it('a warning names numbers that are frozen into the graph', () => {
  const rate = 0.0371;
  using program = compile(
    {
      ...PERCEPTRON,
      loss: (values, batch, context) => {
        const { loss } = PERCEPTRON.loss(values, batch, context);
        return { loss: loss.add(values['head/bias']!.square().sum().mul(rate)) };
      },
    },
    SGD,
  );
  expect(program.describe().suspiciousConstants).toEqual([
    expect.stringMatching(/^the number 0\.0371 at trace-model\.spec\.ts:\d+:\d+.* is frozen into op 'Mul'$/),
  ]);
});

it('the decay of a moving average is not among them', () => {
  const describe = (decay: number) => {
    using program = compile(
      {
        ...PERCEPTRON,
        state: { mean: { shape: [3], init: 'zeros' } },
        loss: (values, batch, context) => {
          context.update('mean', values.mean!.mul(decay).add(batch.x!.mean(0).mul(1 - decay)));
          return PERCEPTRON.loss(values, batch, context);
        },
      },
      SGD,
    );
    return program.describe().suspiciousConstants;
  };
  for (const decay of [0.9, 0.93, 0.99]) expect(describe(decay)).toEqual([]);
});

it('logits [B, 1] against labels [B] give a warning with the place; [B, 1] against [1, B] do not', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const pairs = (shape: number[]): string[] => {
    using program = compile(
      {
        parameters: { w: { shape: [3, 1], init: 'zeros' } },
        inputs: { x: { dtype: 'float32', shape: ['B', 3] } },
        targets: { y: { dtype: 'float32', shape: ['B'] } },
        loss: ({ w }, { x, y }) => ({ loss: x!.matMul(w!).squaredDifference(y!.reshape(shape)).mean() }),
      },
      SGD,
    );
    return program.describe().pairedRows;
  };
  expect(pairs([-1, 1])).toEqual([]);
  expect(pairs([1, -1])).toEqual([]);
  expect(warn).not.toHaveBeenCalled();
  expect(pairs([-1])).toEqual([
    expect.stringMatching(/^op 'SquaredDifference' at trace-model\.spec\.ts:\d+:\d+.* each pair of rows/),
  ]);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('differ in rank'), { code: 'ASSAY_PAIRED_ROWS' });
  warn.mockRestore();
});

it('a description tells what the graph consists of', () => {
  using program = compile(
    { ...PERCEPTRON, parameters: { ...PERCEPTRON.parameters, forgotten: { shape: [2], init: 'zeros' } } },
    { optimizer: { kind: 'adamw' } },
  );
  const { parameters, unused, variableBytes, graph, dynamicConstants } = program.describe();
  expect(parameters).toEqual({ count: 5, values: 43 });
  expect(unused).toEqual(['forgotten']);
  expect(variableBytes).toBe(4 * (43 + 2 * 41));
  expect(graph.ops.ResourceApplyAdam).toBe(4);
  expect(Object.values(graph.ops).reduce((a, b) => a + b, 0)).toBe(graph.nodes);
  expect(dynamicConstants).toContainEqual(expect.stringMatching(/^Mul.*: \[B\^-1\]$/)); // the mean over the rows
});

it('tracing leaves no tensor behind, even when it fails', () => {
  const before = tf.memory().numTensors;
  expect(compiling(after((_, { x }) => x!.mean().dataSync()))).toThrow();
  compiling((...args) => PERCEPTRON.loss(...args))();
  expect(tf.memory().numTensors).toBe(before);
});

describe('a model without named axes', () => {
  const fixed = (loss: Loss): ModelDefinition => ({
    parameters: { w: { shape: [3], init: 'ones' } },
    inputs: { x: { dtype: 'float32', shape: [3] } },
    loss,
  });

  it('that changes from run to run is refused', () => {
    let counter = 0;
    const loss: Loss = ({ w }, { x }) => ({ loss: w!.mul(x!).sum().mul(++counter) });
    expect(() => compile(fixed(loss), SGD)).toThrow(/changes from run to run \(: 1; : 2\)/);
  });

  it('may not use a tensor from outside, though nothing used it before', () => {
    const fresh = tf.tensor1d([1, 2, 3]);
    expect(() =>
      compile(
        fixed(({ w }, { x }) => ({ loss: w!.mul(x!).mul(fresh).sum() })),
        SGD,
      ),
    ).toThrow(/uses a tensor that was made before/);
    fresh.dispose();
  });
});

it('Math.random is itself again when tracing has failed', () => {
  expect(compiling(after(() => Math.random()))).toThrow(/draws from Math\.random/);
  expect(Math.random()).toBeLessThan(1);
});

it('a prediction that draws is refused', () => {
  const predict: ModelDefinition['predict'] = (_, { x }, context) => ({ y: x!.add(context.seed().sum()) });
  expect(compiling((...args) => PERCEPTRON.loss(...args), { predict })).toThrow(/'predict' asks for a seed/);
});

it('parameters that only a metric uses count as unused', () => {
  const model: ModelDefinition = {
    ...PERCEPTRON,
    parameters: { ...PERCEPTRON.parameters, extra: { shape: [2], init: 'ones' } },
    loss: (values, batch, context) => ({
      ...PERCEPTRON.loss(values, batch, context),
      metrics: { extra: values.extra!.sum() },
    }),
  };
  using program = compile(model, SGD);
  expect(program.describe().unused).toEqual(['extra']);
});

describe('a name that is none is an error with the names that there are, and its place:', () => {
  it.each<[string, Partial<ModelDefinition>, RegExp]>([
    [
      'a parameter',
      { loss: (values, { x }) => ({ loss: values['hidden/wieght']!.sum().mul(x!.mean()) }) },
      /^There is no parameter 'hidden\/wieght' at trace-model\.spec\.ts:\d+:\d+ \(Object\.loss\); there are hidden\/weight, .*Fix: name 'hidden\/weight', if that was meant; where it may be missing, ask for it with 'in' first/,
    ],
    [
      'an input',
      { loss: (values, { X }) => ({ loss: values['head/bias']!.sum().mul(X!.mean()) }) },
      /^There is no input or target 'X' at trace-model\.spec\.ts.*; there are x, y\. Fix: name 'x'/,
    ],
    [
      'a target in a prediction',
      { predict: (_, { y }) => ({ y: y!.square() }) },
      /^The function 'predict' asks for the target 'y' at trace-model\.spec\.ts.*; a prediction has no targets, only x\./,
    ],
    [
      'an input of a prediction',
      { predict: (_, { z }) => ({ y: z!.square() }) },
      /^There is no input 'z' at trace-model\.spec\.ts.*; there is x\./,
    ],
    [
      'a parameter of a part that is computed again',
      {
        loss: (values, { x }, context) => {
          const part = (_: unknown, own: Record<string, tf.Tensor>) => own.bias!.square();
          const own = { 'head/bias': values['head/bias']! };
          return { loss: context.recompute([x!], own, part).sum() };
        },
      },
      /^There is no value of this part 'bias' at trace-model\.spec\.ts.*; there is head\/bias\./,
    ],
  ])('%s', async (_, change, message) => {
    await expectNoLeak(tf, () => {
      const compilingIt = () => compile({ ...PERCEPTRON, ...change }, SGD);
      expect(compilingIt).toThrow(message);
      expect(compilingIt).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
    });
  });

  it('while in, spreading, keys and defaults by in go on working', () => {
    const loss: Loss = (values, batch) => {
      expect(['x' in batch, 'mask' in batch, Object.hasOwn(values, 'none')]).toEqual([true, false, false]);
      expect(Object.keys({ ...batch })).toEqual(['x', 'y']);
      expect(Object.entries(values)).toHaveLength(4);
      const { x, ...others } = batch;
      return { loss: values['head/bias']!.mul(x!.mean()).sum(), outputs: others };
    };
    compiling(loss)();
  });
});

describe('an error of an op names the op, its place, and the sizes of tracing:', () => {
  it.each<[string, Loss, RegExp]>([
    [
      'of the engine',
      after((values, { x }) => x!.matMul(values['head/weight']!)),
      /^tf\.matMul at trace-model\.spec\.ts:\d+:\d+.* failed: .*\[5,3\].*\[8,1\].* The function was traced with B=5\. Fix:/,
    ],
    [
      'of tfjs',
      after((_, { x }) => tf.conv2d(x as tf.Tensor4D, tf.ones([2, 2, 3, 4]), 1, 'same')),
      /^tf\.conv2d at trace-model\.spec\.ts.* failed: Error in conv2d: input must be rank 4.*traced with B=5\. Fix:/,
    ],
    [
      'of this package',
      after((values, { x }) =>
        dense(x as tf.Tensor2D, values['head/weight'] as tf.Tensor2D, values['head/bias'] as tf.Tensor1D),
      ),
      /^dense needs .*\[5, 3\].* Called at trace-model\.spec\.ts.* The function was traced with B=5\.$/,
    ],
  ])('%s', async (_, loss, message) => {
    await expectNoLeak(tf, () => {
      expect(compiling(loss)).toThrow(message);
      expect(compiling(loss)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error);
    });
  });

  it('an error of the function itself stays as it is', () => {
    const own = new RangeError('my own');
    const loss = after(() => {
      throw own;
    });
    expect(compiling(loss)).toThrow(own);
  });
});

it.each<[string, (values: Record<string, tf.Tensor>, batch: Record<string, tf.Tensor>) => void]>([
  ['head/bias', (values) => values['head/bias']!.dispose()],
  ['x', (_, { x }) => x!.dispose()],
])("a loss that disposes '%s' is told so", (name, act) => {
  expect(compiling(after(act))).toThrow(`The function disposed '${name}', which belongs to the program.`);
});

it('a loss that compiles another program is told so', async () => {
  await expectNoLeak(tf, () => {
    expect(compiling(after(() => compile(PERCEPTRON, SGD)))).toThrow(
      /^A function that is traced compiles or traces another at trace-model\.spec\.ts/,
    );
    compile(PERCEPTRON, SGD).dispose(); // the next one works
  });
});

it('the time of day is refused as any number that changes', () => {
  const { now } = Date;
  expect(compiling(after((_, { x }) => x!.mul(Date.now())))).toThrow(
    /Op 'Mul' takes a constant of shape \[\] at trace-model\.spec\.ts.*changes from run to run/,
  );
  expect(Date.now).toBe(now);
});
