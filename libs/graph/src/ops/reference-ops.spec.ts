import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { shapeAt, type AxisSizes } from '../axes.js';
import { referenceSuite as suite, runScript } from '../reference-python.fixture.js';
import { OP_CASES } from './op-cases.fixture.js';
import { inputTensors, valueAndGradients, type OpCase } from './op-inputs.fixture.js';
import { registerGradients } from './register-gradients.js';

/** Odd sizes, one row, and no token at all. */
const SIZES: readonly AxisSizes[] = [
  { B: 3, L: 5 },
  { B: 1, L: 4 },
  { B: 2, L: 0 },
];

const usesLength = ({ inputs }: OpCase): boolean =>
  Object.values(inputs).some(({ shape }) => shape.includes('L'));

const CASES = Object.entries(OP_CASES).flatMap(([name, opCase]) =>
  SIZES.filter(({ L }) => L !== 0 || usesLength(opCase)).map(
    (sizes) => [`${name}, B=${sizes.B}, L=${sizes.L}`, opCase, sizes] as const,
  ),
);

interface Reference {
  value: number[];
  gradients: Record<string, number[]>;
}

function references(): Reference[] {
  const cases = CASES.map(([, { op, options = {}, inputs, wrt }, sizes]) => ({
    op,
    options,
    wrt,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [name, { ...input, shape: shapeAt(input.shape, sizes) }]),
    ),
  }));
  return runScript('reference-ops.py', [], JSON.stringify(cases)) as Reference[];
}

suite('the value and the gradients of', () => {
  let expected: Reference[];
  beforeAll(() => {
    registerGradients();
    expected = references();
  });

  it.each(CASES.map((entry, index) => [...entry, index] as const))('%s', async (_, opCase, sizes, index) => {
    const { value, gradients } = expected[index]!;
    await expectNoLeak(tf, () => {
      const inputs = inputTensors(opCase, sizes);
      const actual = valueAndGradients(opCase, inputs);
      expectClose(actual.value!.dataSync(), value, { absolute: 1e-5, relative: 1e-5 });
      for (const [name, gradient] of Object.entries(gradients)) {
        const computed = actual[`gradient of ${name}`]!;
        expect(computed.shape).toEqual(inputs[name]!.shape);
        expectClose(computed.dataSync(), gradient, { absolute: 1e-4, relative: 1e-4 });
      }
      tf.dispose([inputs, actual]);
    });
  });
});
