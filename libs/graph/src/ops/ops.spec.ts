import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import {
  biasAdd,
  dense,
  dropout,
  embeddingBag,
  embeddingLookup,
  gaussianNoise,
  gelu,
  layerNorm,
  maskedMean,
  sigmoidCrossEntropy,
  softLabelCrossEntropy,
  softmaxCrossEntropy,
} from '../index.js';

/** Derivative of a scalar function of one tensor by central differences. */
function slopes(fn: (tensor: tf.Tensor) => tf.Tensor, at: tf.Tensor, delta = 1e-2): number[] {
  const values = Array.from(at.dataSync());
  const valueAt = (changed: number[]): number =>
    tf.tidy(() => fn(tf.tensor(changed, at.shape)).dataSync()[0]!);
  return values.map((_, i) => {
    const [up, down] = [1, -1].map((sign) =>
      valueAt(values.map((value, j) => (i === j ? value + sign * delta : value))),
    ) as [number, number];
    return (up - down) / (2 * delta);
  });
}

/** Checks the gradient of a weighted sum of what `fn` gives, and that nothing leaks. */
async function expectGradient(fn: (tensor: tf.Tensor) => tf.Tensor, at: tf.Tensor): Promise<void> {
  const scalar = (tensor: tf.Tensor): tf.Tensor =>
    tf.tidy(() => {
      const value = fn(tensor);
      return value
        .flatten()
        .mul(tf.range(1, value.size + 1))
        .sum();
    });
  await expectNoLeak(tf, () => {
    const gradient = tf.grad(scalar)(at);
    expectClose(gradient.dataSync(), slopes(scalar, at), { absolute: 5e-3, relative: 5e-3 });
    gradient.dispose();
  });
}

const run = (fn: () => void) => expectNoLeak(tf, () => tf.tidy(fn));

describe('embeddingLookup', () => {
  it('gives the rows of the ids', () =>
    run(() => {
      const vector_BLD = embeddingLookup(
        tf.tensor2d([0, 1, 10, 11, 20, 21, 30, 31, 40, 41], [5, 2]),
        tf.tensor2d([4, 0, 2, 1, 1, 3], [2, 3], 'int32'),
      );
      expect(vector_BLD.shape).toEqual([2, 3, 2]);
      expectClose(vector_BLD.dataSync(), [40, 41, 0, 1, 20, 21, 10, 11, 10, 11, 30, 31]);
    }));

  it('sums the gradients of a row that occurs twice and leaves the others at 0', () =>
    run(() => {
      const id_BL = tf.tensor2d([3, 1, 3], [1, 3], 'int32');
      const gradient = tf.grad((table) =>
        embeddingLookup(table as tf.Tensor2D, id_BL)
          .mul(tf.tensor3d([1, 2, 3, 4, 5, 6], [1, 3, 2]))
          .sum(),
      )(tf.zeros([4, 2]));
      expectClose(gradient.dataSync(), [0, 0, 3, 4, 0, 0, 6, 8]);
    }));
});

describe('a gradient inside a step', () => {
  it('survives that the forward pass disposed its ids, labels and weights', () =>
    run(() => {
      const fn = (table: tf.Tensor): tf.Tensor =>
        tf.tidy(() => {
          const vector_BLD = embeddingLookup(table as tf.Tensor2D, tf.tensor2d([1, 0], [2, 1], 'int32'));
          const logit_BK = vector_BLD.reshape<tf.Tensor2D>([2, 3]);
          const soft = softmaxCrossEntropy(logit_BK, tf.tensor1d([0, 2], 'int32'), tf.ones<tf.Rank.R1>([2]));
          return soft.add(
            sigmoidCrossEntropy(logit_BK, tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([2, 3])),
          );
        });
      const third = 1 / 3;
      const gradient = tf.grad(fn)(tf.zeros([2, 3]));
      // each of the 2 rows: (softmax − onehot) / 2 and (sigmoid(0) − 1) / 6
      expectClose(
        gradient.dataSync(),
        [third, third, third - 1, third - 1, third, third].map((slope) => slope / 2 - 1 / 12),
      );
    }));
});

describe('dense', () => {
  it('multiplies and adds the bias', () =>
    run(() => {
      const output = dense(
        tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]),
        tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]),
        tf.tensor1d([10, 20]),
      );
      expectClose(output.dataSync(), [14, 25, 20, 31]);
    }));

  it('has the gradients of all three arguments', async () => {
    const [a, w, b] = [
      tf.tensor2d([1, -2, 3, 0.5, 5, -1], [2, 3]),
      tf.tensor2d([0.1, -0.2, 0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2], [3, 4]),
      tf.tensor1d([1, 2, 3, 4]),
    ] as const;
    await expectGradient((t) => dense(t as tf.Tensor2D, w, b), a);
    await expectGradient((t) => dense(a, t as tf.Tensor2D, b), w);
    await expectGradient((t) => dense(a, w, t as tf.Tensor1D), b);
    tf.dispose([a, w, b]);
  });
});

describe('dense and biasAdd', () => {
  it('refuse other numbers of features', () =>
    run(() => {
      const mismatch = (message: string) =>
        expect.objectContaining({
          code: 'SHAPE_MISMATCH',
          message: expect.stringContaining(message) as string,
        }) as Error;
      expect(() => dense(tf.zeros([2, 3]), tf.zeros([4, 5]), tf.zeros([5]))).toThrow(
        mismatch('input is [2, 3], weight_FG is [4, 5], bias_G is [5]'),
      );
      expect(() => dense(tf.zeros([2, 4]), tf.zeros([4, 5]), tf.zeros([1]))).toThrow(
        mismatch('bias_G is [1]'),
      );
      expect(() => biasAdd(tf.zeros([2, 3]), tf.zeros([2]))).toThrow(
        mismatch('input is [2, 3], bias_F is [2]'),
      );
      expect(() => biasAdd(tf.zeros([3]), tf.zeros([3]))).toThrow(mismatch('input is [3], bias_F is [3]'));
    }));
});

describe('softLabelCrossEntropy', () => {
  it('is the weighted mean against a distribution', () =>
    run(() => {
      // softmax is [1/4, 3/4] and [1/2, 1/2]
      const logit_BK = tf.tensor2d([0, Math.log(3), 2, 2], [2, 2]);
      const label_BK = tf.tensor2d([0.5, 0.5, 0.9, 0.1], [2, 2]);
      const first = 0.5 * Math.log(4) + 0.5 * Math.log(4 / 3);
      expectClose(softLabelCrossEntropy(logit_BK, label_BK).dataSync(), [(first + Math.log(2)) / 2]);
      const weighted = softLabelCrossEntropy(logit_BK, label_BK, tf.tensor1d([3, 1]));
      expectClose(weighted.dataSync(), [(3 * first + Math.log(2)) / 4]);
    }));

  it('refuses labels of other axes, and one weight per logit', () =>
    run(() => {
      expect(() => softLabelCrossEntropy(tf.zeros([2, 3]), tf.zeros([2, 1]))).toThrow('label_BK is [2, 1]');
      expect(() =>
        softLabelCrossEntropy(
          tf.zeros([2, 3]),
          tf.zeros([2, 3]),
          tf.zeros<tf.Rank.R2>([2, 3]) as tf.Tensor as tf.Tensor1D,
        ),
      ).toThrow('weight_B is [2, 3]');
    }));
});

describe('gelu', () => {
  it('is x·Φ(x), exactly or through tanh', () =>
    run(() => {
      // Φ(1) = 0.8413447, Φ(−2) = 0.0227501
      expectClose(gelu(tf.tensor1d([0, 1, -2]), 'erf').dataSync(), [0, 0.8413447, -0.0455003]);
      expectClose(gelu(tf.tensor1d([0, 1, -2]), 'tanh').dataSync(), [0, 0.841192, -0.0454023]);
    }));
});

describe('gaussianNoise', () => {
  const seed = (step: number): tf.Tensor1D => tf.tensor1d([step, 7], 'int32');

  it('has about mean 0 and the given deviation, repeats for the same seed, and passes gradients', () =>
    run(() => {
      const input = tf.fill([100, 70], 3);
      const noise = gaussianNoise(input, 0.5, seed(1)).sub(3);
      const { mean, variance } = tf.moments(noise);
      expectClose(mean.dataSync(), [0], { absolute: 0.03 }); // 5 standard deviations of a mean of 7000
      expectClose(variance.dataSync(), [0.25], { absolute: 0.022 });
      expectClose(gaussianNoise(input, 0.5, seed(1)).sub(3).dataSync(), noise.dataSync());
      expect(gaussianNoise(input, 0.5, seed(2)).sub(3).dataSync()).not.toEqual(noise.dataSync());
      expectClose(
        tf
          .grad((t) => gaussianNoise(t, 0.5, seed(1)).sum())(tf.ones([2, 2]))
          .dataSync(),
        [1, 1, 1, 1],
      );
    }));

  it('refuses a negative deviation', () =>
    run(() => {
      expect(() => gaussianNoise(tf.ones([2]), -1, seed(1))).toThrow('at least 0; got -1');
    }));
});

describe('maskedMean', () => {
  const token_BLD = (): tf.Tensor3D => tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 3, 2]);

  it('averages the kept tokens and gives zeros for a row without any', () =>
    run(() => {
      expectClose(maskedMean(token_BLD(), tf.tensor2d([1, 0, 1, 0, 0, 0], [2, 3])).dataSync(), [3, 4, 0, 0]);
    }));

  it('sends gradients to the kept tokens only', () =>
    run(() => {
      const gradient = tf.grad((t) =>
        maskedMean(t as tf.Tensor3D, tf.tensor2d([1, 0, 1, 0, 0, 0], [2, 3])).sum(),
      )(token_BLD());
      expectClose(gradient.dataSync(), [0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 0, 0]);
    }));

  it('refuses a mask of other axes', () =>
    run(() => {
      expect(() => maskedMean(token_BLD(), tf.ones([2, 4]))).toThrow(
        'token_BLD is [2, 3, 2], mask_BL is [2, 4]',
      );
    }));
});

describe('sigmoidCrossEntropy', () => {
  it('is the weighted mean, without labels of weight 0', () =>
    run(() => {
      // log(1 + e⁻⁰) = log 2 at weight 1 and log(1 + e²) at weight 3
      const loss = sigmoidCrossEntropy(
        tf.tensor2d([0, 2, 5], [1, 3]),
        tf.tensor2d([1, 0, 0], [1, 3]),
        tf.tensor2d([1, 3, 0], [1, 3]),
      );
      expectClose(loss.dataSync(), [(Math.log(2) + 3 * Math.log(1 + Math.exp(2))) / 4]);
    }));

  it('stays finite at logits of ±1000', () =>
    run(() => {
      const loss = sigmoidCrossEntropy(
        tf.tensor2d([1000, -1000], [1, 2]),
        tf.tensor2d([0, 0], [1, 2]),
        tf.ones([1, 2]),
      );
      expectClose(loss.dataSync(), [500]);
    }));

  it('is 0 with gradient 0 when nothing is known', () =>
    run(() => {
      const { value, grad } = tf.valueAndGrad((z) =>
        sigmoidCrossEntropy(z as tf.Tensor2D, tf.ones([2, 3]), tf.zeros([2, 3])),
      )(tf.ones([2, 3]));
      expectClose(value.dataSync(), [0]);
      expectClose(grad.dataSync(), [0, 0, 0, 0, 0, 0]);
    }));

  it('has the gradient w·(σ(z) − y) / Σw', async () => {
    const [z, y, w] = [
      tf.tensor2d([0.3, -2, 1, 0.7, 0, -0.4], [2, 3]),
      tf.tensor2d([1, 0, 0.5, 0, 1, 1], [2, 3]),
      tf.tensor2d([1, 2, 0, 4, 1, 0.5], [2, 3]),
    ] as const;
    await expectGradient((t) => sigmoidCrossEntropy(t as tf.Tensor2D, y, w), z);
    tf.dispose([z, y, w]);
  });

  it('refuses weights of another shape', () =>
    run(() => {
      expect(() => sigmoidCrossEntropy(tf.zeros([2, 3]), tf.zeros([2, 3]), tf.zeros([2, 1]))).toThrow(
        'logit_BK is [2, 3], label_BK is [2, 3], weight_BK is [2, 1]',
      );
    }));
});

describe('softmaxCrossEntropy', () => {
  it('is the weighted mean, without rows of weight 0', () =>
    run(() => {
      const logit_BK = tf.tensor2d([0, 0, 0, Math.log(3), 0, 0, 9, 9, 9], [3, 3]);
      const loss = softmaxCrossEntropy(logit_BK, tf.tensor1d([2, 0, 1], 'int32'), tf.tensor1d([1, 3, 0]));
      expectClose(loss.dataSync(), [(Math.log(3) + 3 * Math.log(5 / 3)) / 4]);
    }));

  it('has the gradient w·(softmax(z) − onehot(y)) / Σw', async () => {
    const [z, y, w] = [
      tf.tensor2d([0.3, -2, 1, 0.7, 0, -0.4], [2, 3]),
      tf.tensor1d([2, 0], 'int32'),
      tf.tensor1d([1, 0.5]),
    ] as const;
    await expectGradient((t) => softmaxCrossEntropy(t as tf.Tensor2D, y, w), z);
    tf.dispose([z, y, w]);
  });

  it('leaves out rows of an unknown class, and is 0 with gradient 0 when none is known', () =>
    run(() => {
      const logit_BK = tf.tensor2d([0, 0, Math.log(3), 0, 5, 9], [3, 2]);
      const loss = softmaxCrossEntropy(logit_BK, tf.tensor1d([0, 1, -1], 'int32'));
      expectClose(loss.dataSync(), [(Math.log(2) + Math.log(4)) / 2]);
      const { value, grad } = tf.valueAndGrad((z) =>
        softmaxCrossEntropy(z as tf.Tensor2D, tf.tensor1d([-1, -1, -1], 'int32')),
      )(logit_BK);
      expectClose([...value.dataSync(), ...grad.dataSync()], [0, 0, 0, 0, 0, 0, 0]);
    }));

  it('refuses classes that are not int32', () =>
    run(() => {
      expect(() => softmaxCrossEntropy(tf.zeros([2, 3]), tf.tensor1d([0, 1]))).toThrow(
        expect.objectContaining({
          code: 'DTYPE_MISMATCH',
          message:
            'softmaxCrossEntropy needs class_B of dtype int32; got float32. Fix: make it with that dtype, or cast it.',
        }) as Error,
      );
    }));

  it('refuses another number of classes', () =>
    run(() => {
      expect(() => softmaxCrossEntropy(tf.zeros([2, 3]), tf.tensor1d([0], 'int32'), tf.ones([2]))).toThrow(
        'logit_BK is [2, 3], class_B is [1], weight_B is [2]',
      );
    }));
});

describe('dropout', () => {
  const seed = (step: number, layer: number): tf.Tensor1D => tf.tensor1d([step, layer], 'int32');

  it('zeroes about the given part, scales the rest, and repeats for the same seed', () =>
    run(() => {
      const mask = (...args: [number, number]) =>
        Array.from(dropout(tf.ones([100, 70]), 0.25, seed(...args)).dataSync());
      const first = mask(3, 1);
      expect(new Set(first.map((value) => Math.round(value * 1e6)))).toEqual(new Set([0, 1333333]));
      const dropped = first.filter((value) => value === 0).length / 7000;
      expect(Math.abs(dropped - 0.25)).toBeLessThan(0.026); // 5 standard deviations
      expect(mask(3, 1)).toEqual(first);
      expect(mask(4, 1)).not.toEqual(first);
      expect(mask(3, 2)).not.toEqual(first);
    }));

  it('sends gradients through the kept values only', () =>
    run(() => {
      const input = tf.ones([5, 7]);
      const gradient = tf.grad((t) => dropout(t, 0.5, seed(1, 2)).sum())(input);
      expectClose(gradient.dataSync(), dropout(input, 0.5, seed(1, 2)).dataSync());
    }));

  it('leaves nothing of the generator in the engine', () => {
    const engineTensors = () =>
      (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
    const before = engineTensors();
    tf.tidy(() => dropout(tf.ones([2, 3]), 0.5, seed(1, 1))).dispose();
    expect(engineTensors()).toBe(before);
  });

  it('gives the input for rate 0', () =>
    run(() => {
      expectClose(dropout(tf.tensor1d([1, -2, 3]), 0, seed(1, 1)).dataSync(), [1, -2, 3]);
    }));

  it('refuses a rate of 1 and a seed that is not int32 [2]', () =>
    run(() => {
      expect(() => dropout(tf.ones([3]), 1, seed(1, 1))).toThrow('rate in [0, 1); got 1');
      expect(() => dropout(tf.ones([3]), 0.5, tf.tensor1d([1, 2, 3], 'int32'))).toThrow(
        'int32 seed of shape [2]; got int32 [3]',
      );
      expect(() => dropout(tf.ones([3]), 0.5, tf.tensor1d([1, 2]))).toThrow('got float32 [2]');
    }));
});

describe('layerNorm', () => {
  it('gives each row mean 0 and variance 1 before scale and offset', () =>
    run(() => {
      // mean 2, variance 2/3
      const output = layerNorm(
        tf.tensor2d([1, 2, 3], [1, 3]),
        tf.tensor1d([1, 1, 2]),
        tf.tensor1d([0, 5, 0]),
        0,
      );
      expectClose(output.dataSync(), [-Math.sqrt(1.5), 5, 2 * Math.sqrt(1.5)]);
    }));

  it('has the gradients of all three arguments', async () => {
    const [a, s, o] = [
      tf.tensor3d([1, -2, 3, 0.5, 5, -1, 2, 2.5, 0, 1, 1.5, -3], [2, 2, 3]),
      tf.tensor1d([1, 0.5, 2]),
      tf.tensor1d([0, 1, -1]),
    ] as const;
    await expectGradient((t) => layerNorm(t, s, o), a);
    await expectGradient((t) => layerNorm(a, t as tf.Tensor1D, o), s);
    await expectGradient((t) => layerNorm(a, s, t as tf.Tensor1D), o);
    tf.dispose([a, s, o]);
  });
});

describe('gradients of sums and means', () => {
  it.each<[string, (tensor: tf.Tensor) => tf.Tensor]>([
    ['a sum over all axes', (t) => t.sum()],
    ['a sum over the middle axis', (t) => t.sum(1)],
    ['a sum over a negative axis that is kept', (t) => t.sum(-1, true)],
    ['a mean over all axes', (t) => t.mean()],
    ['a mean over two axes', (t) => t.mean([0, 2])],
    ['a mean of a kept axis', (t) => t.mean(1, true)],
  ])('%s', async (_, fn) => {
    const at = tf.tensor3d(
      Array.from({ length: 24 }, (__, i) => i / 10 - 1),
      [2, 3, 4],
    );
    await expectGradient(fn, at);
    at.dispose();
  });
});

describe('a word or an axis that an op does not know is refused:', () => {
  it.each<[string, () => tf.Tensor, string, RegExp]>([
    ['gelu', () => gelu(tf.ones([2]), 'relu' as 'erf'), 'USAGE', /'erf' and 'tanh'; got 'relu'/],
    [
      'embeddingBag',
      () => embeddingBag(tf.ones([3, 2]), tf.zeros([1, 4], 'int32'), tf.ones([1, 4]), 'avg' as 'mean'),
      'USAGE',
      /'sum', 'mean' and 'sqrtn'; got 'avg'/,
    ],
    [
      'softmaxCrossEntropy, weights [B, 1]',
      () =>
        softmaxCrossEntropy(
          tf.ones([3, 3]),
          tf.tensor1d([0, 1, 2], 'int32'),
          tf.ones([3, 1]) as unknown as tf.Tensor1D,
        ),
      'SHAPE_MISMATCH',
      /weight_B is \[3, 1\]\. Fix: make B equal, and squeeze/,
    ],
    [
      'softmaxCrossEntropy, classes [B, 1]',
      () => softmaxCrossEntropy(tf.ones([3, 3]), tf.zeros([3, 1], 'int32') as unknown as tf.Tensor1D),
      'SHAPE_MISMATCH',
      /class_B is \[3, 1\]/,
    ],
    [
      'softmaxCrossEntropy, logits of three axes',
      () => softmaxCrossEntropy(tf.ones([2, 3, 4]) as unknown as tf.Tensor2D, tf.zeros([2], 'int32')),
      'SHAPE_MISMATCH',
      /logit_BK is \[2, 3, 4\]/,
    ],
    [
      'embeddingLookup, a table of one axis',
      () => embeddingLookup(tf.ones([3]) as unknown as tf.Tensor2D, tf.zeros([1, 2], 'int32')),
      'SHAPE_MISMATCH',
      /table_VD is \[3\]/,
    ],
  ])('%s', (_, call, code, message) =>
    tf.tidy(() => {
      expect(call).toThrow(expect.objectContaining({ code }) as Error);
      expect(call).toThrow(message);
    }),
  );
});
