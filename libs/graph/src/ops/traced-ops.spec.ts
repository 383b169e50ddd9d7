import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak, withTempDir } from '@assay/testing';
import { shapeAt, type AxisSizes } from '../axes.js';
import type { Feed } from '../check-feeds.js';
import { loadSavedModel, traceFunction, writeSavedModel } from '../index.js';
import { attention } from './attention.js';
import { dropout } from './dropout.js';
import { flipImagesAtRandom } from './flip-images.js';
import { gaussianNoise } from './gaussian-noise.js';
import { OP_CASES } from './op-cases.fixture.js';
import {
  inputTensors,
  inputValues,
  isInteger,
  valueAndGradients,
  type CaseInput,
  type OpCase,
} from './op-inputs.fixture.js';

/** Sizes at which nothing is recorded. */
const SIZES: readonly AxisSizes[] = [
  { B: 4, L: 3 },
  { B: 1, L: 1 },
];

const seed = () => tf.tensor1d([3, 1], 'int32');
const float = (...shape: CaseInput['shape']): CaseInput => ({ kind: 'float', shape });

/** Ops that draw numbers: equal seeds give equal numbers, eager and in a graph. */
const RANDOM_CASES: Record<string, Omit<OpCase, 'op'>> = {
  dropout: { inputs: { x: float('B', 'L', 3) }, wrt: ['x'], compute: (at) => dropout(at('x'), 0.4, seed()) },
  'dropout of rows of odd length': {
    inputs: { x: float(2, 'B') },
    wrt: ['x'],
    compute: (at) => dropout(at('x'), 0.4, seed()),
  },
  gaussianNoise: {
    inputs: { x: float('B', 3) },
    wrt: ['x'],
    compute: (at) => gaussianNoise(at('x'), 0.5, seed()),
  },
  flipImagesAtRandom: {
    inputs: { x: float('B', 2, 5, 3) },
    wrt: ['x'],
    compute: (at) => flipImagesAtRandom(at('x'), seed()),
  },
  'attention with dropout': {
    inputs: { query: float('B', 'L', 6), key: float('B', 'L', 6), value: float('B', 'L', 6) },
    wrt: ['query', 'key', 'value'],
    compute: (at) =>
      attention({
        ...{ query_BTD: at('query'), key_BSD: at('key'), value_BSD: at('value'), numHeads: 2 },
        dropout: { rate: 0.4, seed_2: seed() },
      }),
  },
};

function feedsOf({ inputs }: OpCase, sizes: AxisSizes): Record<string, Feed> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input], position) => {
      const values = inputValues(input, sizes, position);
      const shape = shapeAt(input.shape, sizes);
      const feed: Feed = isInteger(input)
        ? { dtype: 'int32', shape, data: Int32Array.from(values) }
        : { dtype: 'float32', shape, data: Float32Array.from(values) };
      return [name, feed];
    }),
  );
}

describe('a graph gives the value and the gradients of the eager op, at sizes it was not recorded at:', () => {
  const cases = { ...OP_CASES, ...RANDOM_CASES } as Record<string, OpCase>;

  it.each(Object.entries(cases))('%s', async (_, opCase) => {
    await withTempDir(async (dir) => {
      const inputs = Object.fromEntries(
        Object.entries(opCase.inputs).map(([name, input]) => {
          const dtype = isInteger(input) ? ('int32' as const) : ('float32' as const);
          return [name, { dtype, shape: input.shape }];
        }),
      );
      const fn = (_parameters: object, tensors: Record<string, tf.Tensor>) =>
        valueAndGradients(opCase, tensors);
      await expectNoLeak(tf, async () => writeSavedModel(dir, traceFunction(fn, { inputs, parameters: {} })));
      using runner = loadSavedModel(dir);
      for (const sizes of SIZES) {
        const outputs = runner.run(feedsOf(opCase, sizes));
        const tensors = inputTensors(opCase, sizes);
        const expected = valueAndGradients(opCase, tensors);
        for (const [name, tensor] of Object.entries(expected)) {
          expect(outputs[name]!.shape).toEqual(tensor.shape);
          expectClose(outputs[name]!.data, tensor.dataSync(), { absolute: 1e-5, relative: 1e-5 });
        }
        tf.dispose([tensors, expected]);
      }
    });
  });
});
