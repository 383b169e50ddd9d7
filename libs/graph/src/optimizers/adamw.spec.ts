import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { AdamW, clipByGlobalNorm } from '../index.js';

const GRADIENTS = [
  { lr: 0.1, weight: [1, -2, 0.5, 0, 3, -0.001], bias: [0.2, -0.4] },
  { lr: 0.05, weight: [-0.5, -1, 2, 0.25, 0, 1], bias: [0.1, 0.3] },
  { lr: 0.02, weight: [4, 0, -1, 1, -2, 0.5], bias: [-1, 0.5] },
];
const OPTIONS = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-4,
  weightDecay: 0.05,
  decayFilter: (name: string) => name !== 'bias',
};

const variables = () => ({
  weight: tf.tidy(() => tf.variable(tf.tensor2d([0.5, -1, 2, 1.5, 0, -0.25], [2, 3]))),
  bias: tf.tidy(() => tf.variable(tf.tensor1d([0.1, -0.2]))),
});

const step = (optimizer: AdamW, { lr, weight, bias }: (typeof GRADIENTS)[number]): void =>
  tf.tidy(() => optimizer.step({ weight: tf.tensor2d(weight, [2, 3]), bias: tf.tensor1d(bias) }, lr));

describe('AdamW', () => {
  it('makes a first step of learning rate size, after the decay', async () => {
    await expectNoLeak(tf, () => {
      const parameters = { w: tf.tidy(() => tf.variable(tf.tensor2d([2, -4], [1, 2]))) };
      using optimizer = new AdamW(parameters, { weightDecay: 0.1, epsilon: 0 });
      // m/√v is the sign of the gradient after the bias correction: 2·(1 − 0.5·0.1) − 0.5 and −4·(1 − 0.5·0.1) + 0.5
      tf.tidy(() => optimizer.step({ w: tf.tensor2d([3, -7], [1, 2]) }, 0.5));
      expectClose(parameters.w.dataSync(), [1.4, -3.3]);
      parameters.w.dispose();
    });
  });

  it('follows Keras over three steps with other learning rates, with and without decay', async () => {
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
    await expectNoLeak(tf, () => {
      const parameters = variables();
      using optimizer = new AdamW(parameters, OPTIONS);
      GRADIENTS.forEach((gradients, i) => {
        step(optimizer, gradients);
        expectClose(parameters.weight.dataSync(), expected[i]!.weight, { absolute: 2e-6 });
        expectClose(parameters.bias.dataSync(), expected[i]!.bias, { absolute: 2e-6 });
      });
      tf.dispose(parameters);
    });
  });

  it('decays matrices but not vectors unless told otherwise', async () => {
    await expectNoLeak(tf, () => {
      const parameters = variables();
      using optimizer = new AdamW(parameters, { weightDecay: 0.5 });
      tf.tidy(() => optimizer.step({ weight: tf.zeros([2, 3]), bias: tf.zeros([2]) }, 0.1));
      expectClose(parameters.weight.dataSync(), [0.475, -0.95, 1.9, 1.425, 0, -0.2375]);
      expectClose(parameters.bias.dataSync(), [0.1, -0.2]);
      tf.dispose(parameters);
    });
  });

  it('does not change values that were read before a step', async () => {
    await expectNoLeak(tf, () => {
      const parameters = variables();
      using optimizer = new AdamW(parameters, OPTIONS);
      const [first, ...rest] = GRADIENTS;
      step(optimizer, first!);
      const copy = parameters.bias.clone();
      const before = Array.from(copy.dataSync());
      rest.forEach((gradients) => step(optimizer, gradients));
      expect(Array.from(copy.dataSync())).toEqual(before);
      expect(Array.from(parameters.bias.dataSync())).not.toEqual(before);
      tf.dispose([copy, ...Object.values(parameters)]);
    });
  });

  it('does not write into the array that a variable was made from', async () => {
    await expectNoLeak(tf, () => {
      const values = Float32Array.from({ length: 64 }, (_, i) => i);
      const parameters = { w: tf.tidy(() => tf.variable(tf.tensor1d(values))) };
      using optimizer = new AdamW(parameters);
      tf.tidy(() => optimizer.step({ w: tf.ones([64]) }, 0.1));
      expect(values[5]).toBe(5);
      expectClose([parameters.w.dataSync()[5]!], [4.9]);
      parameters.w.dispose();
    });
  });

  it('goes on bit-equal from a restored state', async () => {
    await expectNoLeak(tf, () => {
      const [straight, resumed] = [variables(), variables()];
      using first = new AdamW(straight, OPTIONS);
      step(first, GRADIENTS[0]!);
      step(first, GRADIENTS[1]!);
      using second = new AdamW(resumed, OPTIONS);
      second.restore(first.state());
      tf.tidy(() => {
        resumed.weight.assign(straight.weight.clone());
        resumed.bias.assign(straight.bias.clone());
      });
      for (const optimizer of [first, second]) step(optimizer, GRADIENTS[2]!);
      expect(second.numSteps).toBe(3);
      expect(Array.from(resumed.weight.dataSync())).toEqual(Array.from(straight.weight.dataSync()));
      expect(Array.from(resumed.bias.dataSync())).toEqual(Array.from(straight.bias.dataSync()));
      expect(second.state()).toEqual(first.state());
      tf.dispose([...Object.values(straight), ...Object.values(resumed)]);
    });
  });

  it('refuses a missing gradient, one of another shape and a state of another model, and changes nothing', async () => {
    await expectNoLeak(tf, () => {
      const parameters = variables();
      using optimizer = new AdamW(parameters, OPTIONS);
      tf.tidy(() => {
        expect(() => optimizer.step({ weight: tf.ones([2, 3]) }, 0.1)).toThrow(
          "gradient of 'bias' must have the shape [2]; got none",
        );
        expect(() => optimizer.step({ weight: tf.ones([3, 2]), bias: tf.ones([2]) }, 0.1)).toThrow(
          'shape [2, 3]; got [3, 2]',
        );
      });
      const { 'moment1/bias': _, ...state } = optimizer.state();
      expect(() => optimizer.restore(state)).toThrow("has no values for 'moment1/bias', expected 2");
      expect(() => optimizer.restore({ ...state, 'moment1/bias': new Float32Array(3) })).toThrow(
        "has 3 values for 'moment1/bias', expected 2",
      );
      expect(optimizer.numSteps).toBe(0);
      expectClose(parameters.bias.dataSync(), [0.1, -0.2]);
      tf.dispose(parameters);
    });
  });

  it('frees everything in the engine', () => {
    const engineTensors = () =>
      (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
    const parameters = variables();
    parameters.weight.square().dispose(); // uploads
    parameters.bias.square().dispose();
    const before = engineTensors();
    const optimizer = new AdamW(parameters, OPTIONS);
    GRADIENTS.forEach((gradients) => step(optimizer, gradients));
    optimizer.dispose();
    expect(engineTensors()).toBe(before);
    tf.dispose(parameters);
  });
});

describe('clipByGlobalNorm', () => {
  const clip = (maxNorm: number) =>
    tf.tidy(() => {
      const { gradients, norm } = clipByGlobalNorm(
        { a: tf.tensor1d([3, 0]), b: tf.tensor2d([4], [1, 1]) },
        maxNorm,
      );
      return {
        a: Array.from(gradients.a!.dataSync()),
        b: Array.from(gradients.b!.dataSync()),
        norm: norm.dataSync()[0],
      };
    });

  it('scales all gradients by one factor when their norm is too large', async () => {
    const { a, b, norm } = await expectNoLeak(tf, () => clip(2.5));
    expectClose([...a, ...b, norm!], [1.5, 0, 2, 5]);
  });

  it('leaves a small norm alone', () => {
    expectClose([...clip(5.5).a, ...clip(5.5).b], [3, 0, 4]);
    expectClose([...clip(Infinity).a, ...clip(Infinity).b], [3, 0, 4]);
  });

  it('refuses a maximum that is not positive', () => {
    expect(() => clip(0)).toThrow('maxNorm > 0; got 0');
  });
});
