import { expectClose } from '@assay/testing';
import { compile } from '../program/compile.js';
import type { ModelDefinition } from '../program/model-definition.js';
import { float } from '../program/small-models.fixture.js';
import type { OptimizerOptions } from './optimizer-options.js';

/** A model whose gradient is what is fed: the loss is Σ w·g. */
const FED: ModelDefinition = {
  parameters: {
    weight: { shape: [2, 3], init: 'zeros' },
    bias: { shape: [2], init: 'zeros' },
  },
  inputs: {
    weightGradient: { dtype: 'float32', shape: [2, 3] },
    biasGradient: { dtype: 'float32', shape: [2] },
  },
  loss: (values, batch) => ({
    loss: values.weight!.mul(batch.weightGradient!).sum().add(values.bias!.mul(batch.biasGradient!).sum()),
  }),
};

const STEPS = [
  { learningRate: 0.1, weight: [1, -2, 0.5, 0, 3, -0.001], bias: [0.2, -0.4] },
  { learningRate: 0.05, weight: [-0.5, -1, 2, 0.25, 0, 1], bias: [0.1, 0.3] },
  { learningRate: 0.02, weight: [4, 0, -1, 1, -2, 0.5], bias: [-1, 0.5] },
];
const START = { weight: [0.5, -1, 2, 1.5, 0, -0.25], bias: [0.1, -0.2] };

/** Weights after each step. */
function weightsAfter(optimizer: OptimizerOptions, steps = STEPS, start = START) {
  using program = compile(FED, {
    optimizer,
    initial: { weight: Float32Array.from(start.weight), bias: Float32Array.from(start.bias) },
  });
  return steps.map(({ learningRate, weight, bias }, i) => {
    const batch = {
      weightGradient: float([2, 3], Float32Array.from(weight)),
      biasGradient: float([2], Float32Array.from(bias)),
    };
    program.step(batch, { learningRate, step: i + 1 });
    const values = program.readVariables(['weight', 'bias']);
    return { weight: [...values.weight!.data], bias: [...values.bias!.data] };
  });
}

describe('AdamW', () => {
  it('makes a first step of learning rate size, after the decay', () => {
    // m/√v is the sign of the gradient after the bias correction: 2·(1 − 0.5·0.1) − 0.5 and −4·(1 − 0.5·0.1) + 0.5
    const [first] = weightsAfter(
      { kind: 'adamw', weightDecay: 0.1, epsilon: 0 },
      [{ learningRate: 0.5, weight: [3, -7, 1, 1, 1, 1], bias: [1, 1] }],
      { weight: [2, -4, 0, 0, 0, 0], bias: [0, 0] },
    );
    expectClose(first!.weight.slice(0, 2), [1.4, -3.3]);
  });

  it('follows Keras over three steps with other learning rates; biases do not decay', () => {
    // keras.optimizers.AdamW(weight_decay=0.05, beta_2=0.99, epsilon=1e-4), bias excluded from decay, Keras 3.15.1, float32
    const expected = [
      {
        weight: [0.3976, -0.89505, 1.8901997, 1.4924999, -0.0999666, -0.19875],
        bias: [0.0004976, -0.1002494],
      },
      {
        weight: [0.383283, -0.846161, 1.8413649, 1.4517937, -0.1332844, -0.2353056],
        bias: [-0.0459661, -0.0957893],
      },
      {
        weight: [0.3695425, -0.8308574, 1.8328087, 1.4352367, -0.1346781, -0.2510373],
        bias: [-0.0366869, -0.1038331],
      },
    ];
    const found = weightsAfter({ kind: 'adamw', weightDecay: 0.05, beta2: 0.99, epsilon: 1e-4 });
    found.forEach(({ weight, bias }, i) => {
      expectClose(weight, expected[i]!.weight, { absolute: 2e-6 });
      expectClose(bias, expected[i]!.bias, { absolute: 2e-6 });
    });
  });

  it('decays matrices but not vectors, also where the gradient is zero', () => {
    const [first] = weightsAfter({ kind: 'adamw', weightDecay: 0.5 }, [
      { learningRate: 0.1, weight: [0, 0, 0, 0, 0, 0], bias: [0, 0] },
    ]);
    expectClose(first!.weight, [0.475, -0.95, 1.9, 1.425, 0, -0.2375]);
    expectClose(first!.bias, [0.1, -0.2]);
  });
});

it('SGD with momentum, by hand', () => {
  // velocity: −0.1·1 = −0.1, then 0.9·(−0.1) − 0.1·1 = −0.19
  const steps = [1, 1].map(() => ({ learningRate: 0.1, weight: [1, 1, 1, 1, 1, 1], bias: [0, 0] }));
  const found = weightsAfter({ kind: 'sgd', momentum: 0.9 }, steps, {
    weight: [0, 0, 0, 0, 0, 0],
    bias: [0, 0],
  });
  expectClose([found[0]!.weight[0]!, found[1]!.weight[0]!], [-0.1, -0.29]);
});

it('LAMB, by hand: a first step is the sign of the gradient, scaled by the norm of the weights', () => {
  // weights of norm 6, direction (1, 1, …) of norm √6 without decay: the step is lr · 6 / √6 · 1
  const steps = [{ learningRate: 0.1, weight: [1, 2, 3, 4, 5, 6], bias: [1, 1] }];
  const start = { weight: Array.from({ length: 6 }, () => 6 / Math.sqrt(6)), bias: [0, 0] };
  const [first] = weightsAfter({ kind: 'lamb', weightDecay: 0, epsilon: 0 }, steps, start);
  expectClose(
    first!.weight,
    start.weight.map((value) => value - 0.1 * Math.sqrt(6)),
    { absolute: 1e-5 },
  );
  expectClose(first!.bias, [-0.1, -0.1]); // ‖w‖ is 0: the ratio is 1
});
