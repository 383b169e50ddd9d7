import { tf } from '@assay/tensorflow';
import { floatAttribute, nativeOp, typeAttribute } from './native-op.js';
import { replaceGradient } from './replace-gradient.js';

interface NativeGradient {
  op: string;
  /** Whether the op takes the result of the activation; else it takes the input. */
  ofOutput: boolean;
  /** Whether it takes that before the gradient. */
  first?: boolean;
}

/**
 * TensorFlow's gradient ops, in place of tfjs's chains of up to 9. Those that take the result free the input, and leave
 * TensorFlow free to fuse convolution, bias and activation.
 *
 * @see tensorflow/python/ops/nn_grad.py and math_grad.py
 */
const NATIVE: Readonly<Record<string, NativeGradient>> = {
  Relu: { op: 'ReluGrad', ofOutput: true },
  Relu6: { op: 'Relu6Grad', ofOutput: true },
  Selu: { op: 'SeluGrad', ofOutput: true },
  Softplus: { op: 'SoftplusGrad', ofOutput: false },
  Sigmoid: { op: 'SigmoidGrad', ofOutput: true, first: true },
  Tanh: { op: 'TanhGrad', ofOutput: true, first: true },
  Rsqrt: { op: 'RsqrtGrad', ofOutput: true, first: true },
  Sqrt: { op: 'SqrtGrad', ofOutput: true, first: true },
};

/** Replaces the gradients of the usual activations by one op each. Doing it twice changes nothing. */
export function registerActivationGradients(): void {
  for (const [kernelName, { op, ofOutput, first }] of Object.entries(NATIVE)) {
    replaceGradient({
      kernelName,
      ...(ofOutput ? { outputsToSave: [true] } : { inputsToSave: ['x'] }),
      gradFunc: (gradient, saved) => {
        const operands = [gradient as tf.Tensor, saved[0] as tf.Tensor]; // one output, and one tensor was saved
        return {
          x: () => nativeOp(op, [typeAttribute('T')], first === true ? operands.reverse() : operands),
        };
      },
    });
  }
  replaceGradient({
    kernelName: 'LeakyRelu',
    inputsToSave: ['x'],
    gradFunc: (gradient, saved, { alpha }) => {
      const attributes = [typeAttribute('T'), floatAttribute('alpha', alpha as number)]; // tf.leakyRelu sets it
      const operands = [gradient as tf.Tensor, saved[0] as tf.Tensor]; // one output, and one tensor was saved
      return { x: () => nativeOp('LeakyReluGrad', attributes, operands) };
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
