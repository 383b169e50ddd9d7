import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { traceFunction } from '../index.js';
import { liveOperations } from '../emit-graph.js';
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
