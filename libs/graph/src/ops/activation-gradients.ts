import { tf } from '@assay/tensorflow';
import { floatAttribute, nativeOp, typeAttribute } from './native-op.js';
import { isDifferentiated } from './own-gradient.js';
import { replaceGradient } from './replace-gradient.js';

interface ActivationGradient {
  op: string;
  /** Whether the op takes the result of the activation; else it takes the input. */
  ofOutput: boolean;
  /** Whether it takes that before the gradient. */
  first?: boolean;
  /** The slope at x in ops of tfjs, for a gradient of the gradient. */
  slope: (x: tf.Tensor) => tf.Tensor;
}

/** @see Klambauer et al. 2017, "Self-normalizing neural networks" */
const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/**
 * TensorFlow's gradient ops, in place of tfjs's chains of up to 9. Those that take the result free the input, and leave
 * TensorFlow free to fuse convolution, bias and activation.
 *
 * @see tensorflow/python/ops/nn_grad.py and math_grad.py
 */
const GRADIENTS: Readonly<Record<string, ActivationGradient>> = {
  Relu: { op: 'ReluGrad', ofOutput: true, slope: (x) => x.greater(0).toFloat() },
  Relu6: { op: 'Relu6Grad', ofOutput: true, slope: (x) => x.greater(0).logicalAnd(x.less(6)).toFloat() },
  Selu: {
    op: 'SeluGrad',
    ofOutput: true,
    slope: (x) => tf.where(x.greater(0), tf.scalar(1), x.exp().mul(SELU.alpha)).mul(SELU.scale),
  },
  Softplus: { op: 'SoftplusGrad', ofOutput: false, slope: (x) => x.sigmoid() },
  Sigmoid: {
    op: 'SigmoidGrad',
    ofOutput: true,
    first: true,
    slope: (x) => x.sigmoid().mul(x.neg().sigmoid()),
  },
  Tanh: { op: 'TanhGrad', ofOutput: true, first: true, slope: (x) => tf.sub(1, x.tanh().square()) },
  Rsqrt: { op: 'RsqrtGrad', ofOutput: true, first: true, slope: (x) => x.rsqrt().div(x).mul(-0.5) },
  Sqrt: { op: 'SqrtGrad', ofOutput: true, first: true, slope: (x) => x.rsqrt().mul(0.5) },
};

/** Replaces the gradients of the usual activations by one op each. Doing it twice changes nothing. */
export function registerActivationGradients(): void {
  for (const [kernelName, { op, ofOutput, first, slope }] of Object.entries(GRADIENTS)) {
    replaceGradient({
      kernelName,
      inputsToSave: ['x'],
      outputsToSave: [ofOutput],
      gradFunc: (gradient, saved) => {
        const [x, y] = saved as [tf.Tensor, tf.Tensor?]; // the output comes after the input
        const operands = [gradient as tf.Tensor, y ?? x]; // one output
        if (first === true) operands.reverse();
        const native = (): tf.Tensor => nativeOp(op, [typeAttribute('T')], operands);
        return { x: () => (isDifferentiated() ? slope(x).mul(gradient as tf.Tensor) : native()) }; // one output
      },
    });
  }
  replaceGradient({
    kernelName: 'LeakyRelu',
    inputsToSave: ['x'],
    gradFunc: (gradient, saved, { alpha }) => {
      const attributes = [typeAttribute('T'), floatAttribute('alpha', alpha as number)]; // tf.leakyRelu sets it
      const [x] = saved as [tf.Tensor]; // inputsToSave
      const slope = (): tf.Tensor => tf.where(x.greater(0), tf.scalar(1), tf.scalar(alpha as number)); // as above
      const native = (): tf.Tensor => nativeOp('LeakyReluGrad', attributes, [gradient as tf.Tensor, x]); // one output
      return { x: () => (isDifferentiated() ? slope().mul(gradient as tf.Tensor) : native()) }; // one output
    },
  });
  replaceGradient({
    kernelName: 'Abs',
    inputsToSave: ['x'],
    gradFunc: (gradient, saved) => {
      const [x] = saved as [tf.Tensor]; // inputsToSave
      return { x: () => tf.mul(gradient as tf.Tensor, x.sign()) };
    },
  });
}
