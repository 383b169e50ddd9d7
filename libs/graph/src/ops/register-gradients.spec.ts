import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { traceFunction } from '../index.js';
import { liveOperations } from '../emit-graph.js';
import { OP_CASES } from './op-cases.fixture.js';
import { inputTensors } from './op-inputs.fixture.js';
import { registerGradients } from './register-gradients.js';

const run = (fn: () => void) => expectNoLeak(tf, () => tf.tidy(fn));

describe('registerGradients', () => {
  it('may be called twice', () => {
    registerGradients();
    registerGradients();
  });
});

describe('a gradient of zero passes', () => {
  const X = [-1.5, 0.25, 2];
  const x = (): tf.Tensor => tf.tensor1d(X);

  it.each<[string, (t: tf.Tensor) => tf.Tensor]>([
    ['greater', (t) => t.greater(0)],
    ['greaterEqual', (t) => t.greaterEqual(0)],
    ['less', (t) => tf.scalar(0).less(t)],
    ['lessEqual', (t) => tf.scalar(0).lessEqual(t)],
    ['equal', (t) => t.equal(t.abs())],
    ['notEqual', (t) => t.notEqual(t.neg().abs().neg())],
    ['logicalAnd', (t) => t.greater(0).logicalAnd(t.less(9))],
    ['logicalOr', (t) => t.greater(0).logicalOr(t.greater(9))],
    ['logicalNot', (t) => t.lessEqual(0).logicalNot()],
    ['any', (t) => t.greater(0).reshape([3, 1]).any(1)],
    ['all', (t) => t.greater(0).reshape([3, 1]).all(1)],
    ['a cast to int32 and back', (t) => t.sign().toInt().greater(tf.scalar(0, 'int32'))],
  ])('%s', (_, isPositive) =>
    run(() => {
      const gradient = tf.grad((t) => isPositive(t).toFloat().mul(t).sum())(x());
      expectClose(gradient.dataSync(), [0, 1, 1]);
    }),
  );

  it('a cast to int32, where tfjs lets the gradient through', () =>
    run(() => {
      expectClose(
        tf
          .grad((t) => t.toInt().toFloat().sum())(x())
          .dataSync(),
        [0, 0, 0],
      );
    }));
});

describe('in a graph', () => {
  /** Ops that the gradients of x [B, 2, 3] and w [3] need. */
  function opsOf(fn: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor, of: 'x' | 'w'): string[] {
    const inputs = {
      x: { dtype: 'float32', shape: ['B', 2, 3] },
      w: { dtype: 'float32', shape: [3] },
    } as const;
    const program = traceFunction(
      (_, { x, w }) => ({ gradient: of === 'x' ? tf.grad((t) => fn(t, w))(x) : tf.grad((t) => fn(x, t))(w) }),
      { inputs, parameters: {} },
    );
    const refs = Object.values(program.outputs).map(({ ref }) => ref);
    const live = liveOperations(program, refs);
    return program.operations.filter((_, i) => live.has(i)).map(({ op }) => op);
  }

  it.each<[string, string[], (x: tf.Tensor) => tf.Tensor]>([
    ['relu', ['Relu', 'ReluGrad'], (x) => x.relu()],
    ['relu6', ['Relu6', 'Relu6Grad'], (x) => x.relu6()],
    ['leakyRelu', ['LeakyReluGrad'], (x) => x.leakyRelu(0.2)],
    ['selu', ['Selu', 'SeluGrad'], (x) => x.selu()],
    ['softplus', ['SoftplusGrad'], (x) => x.softplus()],
    ['sigmoid', ['Sigmoid', 'SigmoidGrad'], (x) => x.sigmoid()],
    ['tanh', ['Tanh', 'TanhGrad'], (x) => x.tanh()],
    ['sqrt', ['Sqrt', 'SqrtGrad'], (x) => x.sqrt()],
    ['rsqrt', ['Rsqrt', 'RsqrtGrad'], (x) => x.rsqrt()],
    ['abs', ['Sign', 'Mul'], (x) => x.abs()],
  ])('the gradient of %s takes few ops', (_, ops, fn) => {
    expect(opsOf(fn, 'x')).toEqual(ops);
  });

  it('the gradients of a bias and of a scale are sums to the last axis', () => {
    expect(opsOf((x, w) => x.add(w), 'w')).toEqual(['BiasAddGrad', 'Reshape']);
    expect(opsOf((x, w) => x.mul(w), 'w')).toEqual(['Mul', 'BiasAddGrad', 'Reshape']);
  });
});

describe('a gradient of a gradient', () => {
  const X = [0.3, 0.7, 1.9];
  const second = (fn: (x: tf.Tensor) => tf.Tensor, at: number[]): number[] => [
    ...tf
      .grad((x) =>
        tf
          .grad((t) => fn(t).sum())(x)
          .sum(),
      )(tf.tensor1d(at))
      .dataSync(),
  ];
  /** Central differences of the first derivative, in double precision. */
  const expected = (slope: (x: number) => number, at: number[]): number[] =>
    at.map((x) => (slope(x + 1e-5) - slope(x - 1e-5)) / 2e-5);
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const negative = X.map((x) => -x);

  it.each<[string, (t: tf.Tensor) => tf.Tensor, (x: number) => number, number[]]>([
    ['relu²', (t) => t.relu().square(), (x) => 2 * Math.max(x, 0), [-1, ...X]],
    ['relu6²', (t) => t.relu6().square(), (x) => (x > 0 && x < 6 ? 2 * x : 0), [-1, ...X, 7]],
    ['leakyRelu²', (t) => t.leakyRelu(0.2).square(), (x) => (x > 0 ? 2 * x : 0.08 * x), [-1, ...X]],
    ['selu', (t) => t.selu(), (x) => 1.7580993408473766 * Math.exp(Math.min(x, 0)), negative],
    ['softplus', (t) => t.softplus(), sigmoid, X],
    ['sigmoid', (t) => t.sigmoid(), (x) => sigmoid(x) * sigmoid(-x), X],
    ['tanh', (t) => t.tanh(), (x) => 1 - Math.tanh(x) ** 2, X],
    ['sqrt', (t) => t.sqrt(), (x) => 0.5 / Math.sqrt(x), X],
    ['rsqrt', (t) => t.rsqrt(), (x) => -0.5 * x ** -1.5, X],
    ['|x|³', (t) => t.abs().pow(3), (x) => 3 * x * Math.abs(x), negative],
    ['a sum of squares', (t) => t.square().sum(), (x) => 2 * x, X],
    ['a mean of cubes', (t) => t.pow(3).mean(), (x) => x ** 2, X],
  ])('of %s', (_, fn, slope, at) =>
    run(() => expectClose(second(fn, at), expected(slope, at), { absolute: 1e-4 })),
  );

  it('of a bias and of a scale per channel', () =>
    run(() => {
      const x = tf.tensor3d([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]); // prettier-ignore
      expectClose(
        second((w) => x.mul(w).square(), [2, 3]),
        [168, 240],
      ); // 2·Σx²
      expectClose(
        second((w) => x.add(w).square(), [2, 3]),
        [8, 8],
      ); // 2·4
    }));

  it('at a weight, of a penalty on the slope at the input', () =>
    run(() => {
      const penalty = (w: tf.Tensor) => (x: tf.Tensor) =>
        tf
          .grad((t: tf.Tensor) => t.mul(w).tanh().sum())(x)
          .square()
          .sum();
      const [x, w] = [tf.scalar(0.5), tf.scalar(0.8)];
      const slope = tf.grad((v: tf.Tensor) => penalty(v)(x))(w);
      const of = (v: number): number => ((1 - Math.tanh(0.5 * v) ** 2) * v) ** 2;
      expectClose(slope.dataSync(), [(of(0.8 + 1e-5) - of(0.8 - 1e-5)) / 2e-5], { absolute: 1e-4 });
    }));

  it.each(Object.entries(OP_CASES).filter(([, { wrt }]) => wrt.length > 0))(
    'of %s is right or refused',
    (_, opCase) =>
      tf.tidy(() => {
        const inputs = inputTensors(opCase, { B: 3, L: 4 });
        const [name = ''] = opCase.wrt;
        const at =
          (changed: tf.Tensor) =>
          <T extends tf.Tensor>(wanted: string): T =>
            (wanted === name ? changed : inputs[wanted]) as T; // as the case declares
        const lengthOfGradient = (x: tf.Tensor): tf.Tensor =>
          tf
            .grad((t) => opCase.compute(at(t)).sin().sum())(x)
            .square()
            .sum();
        const x = inputs[name]!;
        const direction = tf.tensor(
          Float32Array.from({ length: x.size }, (_, i) => Math.cos(i)),
          x.shape,
        );
        const along = (step: number): number => lengthOfGradient(x.add(direction.mul(step))).dataSync()[0]!;
        let slope: number;
        try {
          slope = tf.grad(lengthOfGradient)(x).mul(direction).sum().dataSync()[0]!;
        } catch (error) {
          expect(String(error)).toMatch(/has a first gradient only.*Fix: /s);
          return;
        }
        expectClose([slope], [(along(2e-3) - along(-2e-3)) / 4e-3], { absolute: 0.02, relative: 0.02 });
      }),
  );
});
