import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak, withTempDir } from '@assay/testing';
import { dropout, loadSavedModel, traceFunction, writeSavedModel, type Feed } from './index.js';
import { nativeBackend } from './native-backend.js';

const F3 = { x_BF: { dtype: 'float32', shape: ['B', 3] } } as const;
type Tensors = Record<string, tf.Tensor>;
const x = (inputs: Tensors): tf.Tensor2D => inputs.x_BF as tf.Tensor2D;

/** Traces a function of x_BF [B, 3] and runs its graph on 0, 1, 2, … */
async function runTraced(fn: (inputs: Tensors) => tf.Tensor, batchSize: number, parameters: Tensors = {}) {
  return withTempDir(async (dir) => {
    await writeSavedModel(
      dir,
      traceFunction((_, inputs) => ({ y: fn({ ...parameters, ...inputs }) }), { inputs: F3, parameters }),
    );
    using runner = loadSavedModel(dir);
    const feed: Feed = {
      dtype: 'float32',
      shape: [batchSize, 3],
      data: Float32Array.from({ length: batchSize * 3 }, (_, i) => i),
    };
    return runner.run({ x_BF: feed }).y!;
  });
}

const trace = (fn: (inputs: Tensors) => unknown) => () =>
  traceFunction((_, inputs) => fn(inputs) as Record<string, tf.Tensor>, { inputs: F3, parameters: {} });

describe('a traced function follows the batch size in', () => {
  it('a shape', async () => {
    const { shape, data } = await runTraced((inputs) => x(inputs).reshape([x(inputs).shape[0] * 3]), 4);
    expect(shape).toEqual([12]);
    expectClose(data, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('a divisor 1 / B', async () => {
    const { data } = await runTraced(
      (inputs) =>
        x(inputs)
          .sum(0)
          .mul(1 / x(inputs).shape[0]),
      4,
    );
    expectClose(data, [4.5, 5.5, 6.5]);
  });

  it('a number a·B + b', async () => {
    const { data } = await runTraced(
      (inputs) =>
        x(inputs)
          .sum()
          .mul(0)
          .add(0.5 * x(inputs).shape[0] - 2),
      13,
    );
    expectClose(data, [4.5]);
  });

  it('a fill of B rows', async () => {
    const { shape, data } = await runTraced(
      (inputs) => tf.concat([x(inputs), tf.fill([x(inputs).shape[0], 2], 7)], 1),
      2,
    );
    expect(shape).toEqual([2, 5]);
    expectClose(data, [0, 1, 2, 7, 7, 3, 4, 5, 7, 7]);
  });

  it('one number of a matrix', async () => {
    const { shape, data } = await runTraced(
      (inputs) =>
        x(inputs).pad([
          [0, x(inputs).shape[0]],
          [1, 0],
        ]),
      2,
    );
    expect(shape).toEqual([4, 4]);
    expectClose(data, [0, 0, 1, 2, 0, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('a slice from the end', async () => {
    const { shape, data } = await runTraced(
      (inputs) => x(inputs).slice([x(inputs).shape[0] - 1, 0], [1, 3]),
      6,
    );
    expect(shape).toEqual([1, 3]);
    expectClose(data, [15, 16, 17]);
  });
});

describe('a traced function', () => {
  it('keeps a long constant of one value and its dtype', async () => {
    const { data } = await runTraced((inputs) => x(inputs).mul(tf.fill([67, 1, 3], 2).mean(0)), 2);
    expectClose(data, [0, 2, 4, 6, 8, 10]);
  });

  it('may return an input, a parameter or a constant as it is', async () => {
    await withTempDir(async (dir) => {
      const parameters = { w_F: tf.tensor1d([3, 5]) };
      const program = traceFunction(
        (values, inputs) => ({ same: x(inputs), w_F: values.w_F, seven: tf.scalar(7, 'int32') }),
        { inputs: F3, parameters },
      );
      await writeSavedModel(dir, program);
      tf.dispose(parameters);
      using runner = loadSavedModel(dir);
      const results = runner.run({
        x_BF: { dtype: 'float32', shape: [1, 3], data: Float32Array.of(8, 9, 10) },
      });
      expect(Array.from(results.same!.data)).toEqual([8, 9, 10]);
      expect(Array.from(results.w_F!.data)).toEqual([3, 5]);
      expect(results.seven).toEqual({ dtype: 'int32', shape: [], data: Int32Array.of(7) });
    });
  });

  it('may have no batch axis at all', async () => {
    await withTempDir(async (dir) => {
      const inputs = { a_F: { dtype: 'int32', shape: [2] } } as const;
      await writeSavedModel(
        dir,
        traceFunction((_, { a_F }) => ({ doubled_F: a_F.mul(tf.scalar(2, 'int32')) }), {
          inputs,
          parameters: {},
        }),
      );
      using runner = loadSavedModel(dir);
      expect(runner.outputs.doubled_F?.shape).toEqual([2]);
      expect(
        runner.run({ a_F: { dtype: 'int32', shape: [2], data: Int32Array.of(4, -6) } }).doubled_F?.data,
      ).toEqual(Int32Array.of(8, -12));
    });
  });

  it('draws the same dropout mask as the eager function for the same seed', async () => {
    const seed = tf.tensor1d([7, 1], 'int32');
    const { data } = await runTraced((inputs) => dropout(x(inputs), 0.5, inputs.seed as tf.Tensor1D), 9, {
      seed,
    });
    const eager = dropout(
      tf.tensor2d(
        Array.from({ length: 27 }, (_, i) => i),
        [9, 3],
      ),
      0.5,
      seed,
    );
    expectClose(data, eager.dataSync());
    tf.dispose([seed, eager]);
  });

  it('leaves no tensor behind and puts the binding back, also when it cannot be traced', async () => {
    const { binding } = nativeBackend();
    await expectNoLeak(tf, () => {
      trace((inputs) => ({ y: x(inputs).mul(2) }))();
      expect(trace((inputs) => ({ y: tf.scalar(x(inputs).sum().dataSync()[0]!) }))).toThrow();
    });
    expect(nativeBackend().binding).toBe(binding);
  });
});

describe('traceFunction refuses', () => {
  let outside: tf.Tensor;
  beforeAll(() => {
    outside = tf.scalar(2).add(1);
  });
  afterAll(() => outside.dispose());
  let counter = 0;

  it.each<[string, (inputs: Tensors) => unknown, RegExp]>([
    [
      'a read of a result on the host',
      (inputs) => ({ y: tf.scalar(x(inputs).sum().dataSync()[0]!) }),
      /reads the result of op 'Sum' on the host/,
    ],
    [
      'a read of an input on the host',
      (inputs) => ({ y: tf.scalar(x(inputs).dataSync()[0]!) }),
      /reads 'x_BF' on the host/,
    ],
    [
      'tf.gather, whose kernel reads the ids',
      (inputs) => ({ y: tf.gather(x(inputs), x(inputs).sum(1).toInt()) }),
      /use embeddingLookup for tf.gather/,
    ],
    [
      'Math.random',
      (inputs) => ({ y: x(inputs).mul(Math.random()) }),
      /draws from Math\.random at trace-function\.spec\.ts:\d+:\d+/,
    ],
    [
      'tf.dropout',
      (inputs) => ({ y: tf.dropout(x(inputs), 0.5) }),
      /draws from Math\.random at trace-function\.spec\.ts:\d+:\d+/,
    ],
    [
      'a counter',
      (inputs) => ({ y: x(inputs).mul(tf.scalar(counter++ * counter, 'int32').toFloat()) }),
      /that changes from run to run .* a counter/,
    ],
    [
      'a loop over the batch',
      (inputs) => ({ y: tf.stack(tf.unstack(x(inputs)).map((row) => row.sum())) }),
      /(other ops at other batch sizes|Attribute 'num' of op 'Unpack')/,
    ],
    [
      'ops that depend on the batch',
      (inputs) => ({ y: x(inputs).shape[0] > 6 ? x(inputs).relu() : x(inputs).abs() }),
      /op 0 at trace-function\.spec\.ts:.* is 'Abs' in one run and 'Relu' in another/,
    ],
    [
      'ops that only large batches have',
      (inputs) => ({ y: x(inputs).shape[0] > 6 ? x(inputs).relu().abs() : x(inputs).relu() }),
      /op 1 at .* is 'nothing' in one run and 'Abs' in another/,
    ],
    [
      'a result that is another op at large batches',
      (inputs) => {
        const [a, b] = [x(inputs).relu(), x(inputs).abs()];
        return { y: x(inputs).shape[0] > 6 ? a : b };
      },
      /computes its results from other ops at B=7 than at B=5/,
    ],
    [
      'a limit that only small batches fall under',
      (inputs) => ({ y: x(inputs).slice([0, 0], [Math.min(x(inputs).shape[0], 4), 3]) }),
      /that changes from run to run/,
    ],
    [
      'half the batch rounded up, which is a·B + b at odd sizes only',
      (inputs) => ({ y: x(inputs).slice([0, 0], [Math.ceil(x(inputs).shape[0] / 2), 3]) }),
      /B=5: 3, 3; B=7: 4, 3; B=11: 6, 3/,
    ],
    [
      'a tensor from outside',
      (inputs) => ({ y: x(inputs).mul(outside) }),
      /op 'Mul' at .* uses a tensor that was made before the function ran.* pass that tensor as a parameter/,
    ],
    [
      'an outside tensor as result',
      () => ({ y: outside }),
      /the result at .* uses a tensor that was made before/,
    ],
    ['strings', () => ({ y: tf.tensor1d(['a']) }), /makes a string tensor of shape \[1\]/],
    [
      'an asynchronous function',
      async (inputs) => ({ y: await Promise.resolve(x(inputs)) }),
      /is asynchronous/,
    ],
    ['a bare tensor', (inputs) => x(inputs).mul(2), /returned a tensor, expected an object of named tensors/],
    ['no result', () => ({}), /must return named tensors/],
    ['a number as result', () => ({ y: 3 }), /returned 'y' of type number, expected a tensor/],
  ])('%s', (_, fn, message) => {
    expect(trace(fn)).toThrow(message);
    expect(trace(fn)).toThrow(expect.objectContaining({ code: 'TRACE_UNSUPPORTED' }) as Error);
  });

  it('a name that is both input and parameter', async () => {
    await expectNoLeak(tf, () => {
      const parameters = { x_BF: tf.scalar(1) };
      expect(() => traceFunction((_, inputs) => ({ y: x(inputs) }), { inputs: F3, parameters })).toThrow(
        "'x_BF' is both an input and a parameter",
      );
      tf.dispose(parameters);
    });
  });

  it('an axis that is not a length', () => {
    expect(() =>
      traceFunction((_, inputs) => ({ y: x(inputs) }), {
        inputs: { x_BF: { dtype: 'float32', shape: ['B', -1] } },
        parameters: {},
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'SHAPE_MISMATCH',
        message: expect.stringContaining("Input 'x_BF' has the shape [B, -1]") as string,
      }) as Error,
    );
  });

  it('an op that draws by itself, with the op and the way out', () => {
    expect(trace((inputs) => ({ y: tf.multinomial(x(inputs), 4, 7) }))).toThrow(
      /Op 'Multinomial' at trace-function\.spec\.ts.* draws other numbers in every run .*Fix: use the dropout, noise or seed/,
    );
  });

  it('an op without a gradient where one is needed, with its name', () => {
    const boxes = (image: tf.Tensor): tf.Tensor =>
      tf.image.cropAndResize(
        image as tf.Tensor4D,
        tf.tensor2d([[0, 0, 0.5, 0.5]]),
        tf.tensor1d([0], 'int32'),
        [2, 2],
      );
    const tracing = trace((inputs) => ({
      y: tf.grad((t) => boxes(t.reshape([1, -1, 3, 1])).sum())(x(inputs)),
    }));
    expect(tracing).toThrow(expect.objectContaining({ code: 'TRACE_UNSUPPORTED' }) as Error);
    expect(tracing).toThrow(
      /The op 'CropAndResize' has no gradient at trace-function\.spec\.ts.*Fix: use another op/,
    );
  });

  it.each<[string, unknown, string, string]>([
    ['without options', undefined, 'USAGE', 'traced with { inputs, parameters }; got undefined'],
    ['without inputs', { parameters: {} }, 'USAGE', 'inputs must be'],
    ['without parameters', { inputs: F3 }, 'USAGE', 'parameters must be'],
    [
      'with an input of another dtype',
      { inputs: { x_BF: { dtype: 'float64', shape: ['B', 3] } }, parameters: {} },
      'DTYPE_MISMATCH',
      "Input 'x_BF' has the dtype 'float64'; a traced function takes 'float32' and 'int32'",
    ],
  ])('a call %s', (_, options, code, message) => {
    const call = () => traceFunction((__, inputs) => ({ y: x(inputs) }), options as never);
    expect(call).toThrow(expect.objectContaining({ code }) as Error);
    expect(call).toThrow(message);
  });
});
