import { Random } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { initialValues } from './program/initial-values.js';
import { createStepContext } from './program/step-context.js';
import { takeGradients } from './program/take-gradients.js';
import {
  batchOf,
  FIRST_GRADIENT_ONLY,
  modelOf,
  nameOf,
  OWN_OPS,
  PARAMETERS,
  STEPWISE,
  TFJS_OPS,
  type OpParts,
  type UseOfOp,
} from './supported-ops.fixture.js';

const OPS = new Map(
  [OWN_OPS, ...Object.values(TFJS_OPS)].flatMap((uses) =>
    Object.entries(uses).map(([name, use]): [string, UseOfOp] => [nameOf(uses, name), use]),
  ),
);
const smooth = [...OPS].filter(([name]) => !STEPWISE.has(name));

type Tensors = Record<string, tf.Tensor>;
type LossOf = (values: Tensors) => tf.Tensor;
const NAMES = Object.keys(PARAMETERS);

function startValues(): Tensors {
  const drawn = initialValues(PARAMETERS, new Random(3).fork('parameters'));
  return Object.fromEntries(
    Object.entries(PARAMETERS).map(([name, { shape }]) => [name, tf.tensor(drawn[name]!, [...shape])]),
  );
}

const rows = (): Tensors =>
  Object.fromEntries(
    Object.entries(batchOf(3, 5)).map(([name, { dtype, shape, data }]) => [
      name,
      tf.tensor(data, [...shape], dtype as 'float32' | 'int32'),
    ]),
  );

/** Draws the same each time. */
const newContext = () => createStepContext({ training: true, seed: 1, draw: tf.scalar(1, 'int32') });

/** The use of an op as a function of h, and the h of some rows. */
function around(use: UseOfOp, values: Tensors): { ofH: (h: tf.Tensor) => tf.Tensor; h: tf.Tensor } {
  const parts = { ...values, ...rows(), context: newContext() };
  const ofH = (h: tf.Tensor): tf.Tensor => use(h as tf.Tensor2D, parts as unknown as OpParts); // as modelOf makes them
  return { ofH, h: tf.matMul(rows().x!, values.weight!) };
}

/**
 * Expects the gradient to give the slopes of the loss along random directions: central differences of several lengths, of
 * which the best counts, since long ones are not straight and short ones are lost in rounding.
 */
function expectSlopes(lossOf: LossOf, tolerance: number): void {
  const values = startValues();
  const { grads } = takeGradients(
    () => lossOf(values),
    NAMES.map((name) => values[name]!),
  );
  const random = new Random(7);
  for (let k = 0; k < 2; k++) {
    const parts = NAMES.map((name) => {
      const { shape, size } = values[name]!;
      return tf.tensor(
        Float32Array.from({ length: size }, () => random.normal()),
        shape,
      );
    });
    const norm = Math.hypot(...parts.map((part) => part.norm().dataSync()[0]!));
    const direction = parts.map((part) => part.div(norm));
    const slope = direction.reduce((sum, part, i) => sum + dot(part, grads[i]), 0);
    const along = (step: number): number =>
      lossOf(
        Object.fromEntries(NAMES.map((name, i) => [name, values[name]!.add(direction[i]!.mul(step))])),
      ).dataSync()[0]!;
    const errorAt = (step: number): number => {
      const difference = (along(step) - along(-step)) / (2 * step);
      return Math.abs(difference - slope) / Math.max(Math.abs(slope), Math.abs(difference), 0.01);
    };
    // The first length that fits is enough.
    const error = [3e-3, 1e-2, 1e-3].reduce(
      (least, step) => (least < tolerance ? least : Math.min(least, errorAt(step))),
      Infinity,
    );
    expect(error).toBeLessThan(tolerance);
  }
}

const dot = (a: tf.Tensor, b: tf.Tensor | undefined): number =>
  b === undefined ? 0 : a.mul(b).sum().dataSync()[0]!;

describe('the gradient gives the slope of the loss, by differences, of', () => {
  it.each(smooth)('%s', (_, use) =>
    tf.tidy(() => expectSlopes((values) => modelOf(use).loss(values, rows(), newContext()).loss, 0.02)),
  );
});

describe('where values jump, the gradient is 0, of', () => {
  it.each([...STEPWISE])('%s', (name) =>
    tf.tidy(() => {
      const { ofH, h } = around(OPS.get(name)!, startValues());
      const [slope] = takeGradients(() => ofH(h).sum(), [h]).grads;
      expect(slope!.abs().max().dataSync()[0]).toBe(0);
    }),
  );
});

describe('a gradient of a gradient, as of a penalty on slopes,', () => {
  /** Mean square of the slopes at h. */
  const penaltyOf =
    (use: UseOfOp): LossOf =>
    (values) => {
      const { ofH, h } = around(use, values);
      const [slope] = takeGradients(() => ofH(h).add(1).square().sum(), [h]).grads;
      return slope!.square().mean();
    };

  it.each(smooth.filter(([name]) => !FIRST_GRADIENT_ONLY.has(name)))('is right of %s', (_, use) =>
    tf.tidy(() => expectSlopes(penaltyOf(use), 0.05)),
  );

  it.each([...FIRST_GRADIENT_ONLY])('is refused of %s', (name) =>
    tf.tidy(() =>
      expect(() => expectSlopes(penaltyOf(OPS.get(name)!), Infinity)).toThrow(
        /has a first gradient only|gradient function not found/,
      ),
    ),
  );
});
