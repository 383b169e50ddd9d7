import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { nativeOp, typeAttribute } from './native-op.js';
import { ownGradient } from './own-gradient.js';

/** √(8/π) and 0.044715·√(8/π): (1 + tanh(u)) / 2 = σ(2u). @see Hendrycks & Gimpel 2016, section 2 */
const LINEAR = Math.sqrt(8 / Math.PI);
const CUBIC = 0.044715 * LINEAR;

/**
 * Gaussian error linear unit, x·Φ(x), with its own gradient.
 *
 * @param input any float32 tensor
 * @param formula `erf` is exact (PyTorch's default); `tanh` is the approximation of BERT and GPT-2, off by up to 5e-4
 * @returns a tensor like the input. Caller disposes.
 * @throws USAGE when there is no such formula
 * @see Hendrycks & Gimpel 2016, "Gaussian error linear units"
 */
export function gelu<T extends tf.Tensor>(input: T, formula: 'erf' | 'tanh'): T {
  if (!Object.hasOwn(UNITS, formula))
    throw new AssayError(
      'USAGE',
      `gelu has the formulas 'erf' and 'tanh'; got ${inspect(formula)}. Fix: name one of these.`,
    );
  return tf.tidy(() => ownGradient('gelu', UNITS[formula])(input) as T); // elementwise
}

type Unit = ReturnType<Parameters<typeof tf.customGrad>[0]>;

/** With t = x/√2 and h = Φ(x) = (1 + erf t)/2: y = x·h and dy/dx = h + t·exp(−t²)/√π, where the factor joins the exponent. */
function erfUnit(...args: (tf.Tensor | tf.GradSaveFunc)[]): Unit {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
  const scaled = x.mul(Math.SQRT1_2);
  const half = scaled.erf().add(1).mul(0.5);
  save([scaled, half]);
  return {
    value: x.mul(half),
    gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
      const [t, h] = saved as [tf.Tensor, tf.Tensor]; // as saved above
      const bell = tf.sub(-0.5 * Math.log(Math.PI), t.square()).exp();
      return gradient.mul(h.add(t.mul(bell)));
    },
  };
}

/** With q = LINEAR + CUBIC·x² and s = σ(x·q): y = x·s and dy/dx = s + s·(1 − s)·x·(3q − 2·LINEAR). */
function tanhUnit(...args: (tf.Tensor | tf.GradSaveFunc)[]): Unit {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
  const slope = x.square().mul(CUBIC).add(LINEAR);
  const share = x.mul(slope).sigmoid();
  save([x, slope, share]);
  return {
    value: x.mul(share),
    gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
      const [z, q, s] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]; // as saved above
      const inner = z.mul(q.mul(3).sub(2 * LINEAR));
      return gradient.mul(s.add(nativeOp('SigmoidGrad', [typeAttribute('T')], [s, inner])));
    },
  };
}

const UNITS = { erf: erfUnit, tanh: tanhUnit } as const;
