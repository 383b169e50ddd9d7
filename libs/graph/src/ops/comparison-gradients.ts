import { tf } from '@assay/tensorflow';
import { asFloat } from './as-float.js';
import { replaceGradient } from './replace-gradient.js';

/** Ops whose results do not change with a small change of their inputs, with the names of these. */
const STEPWISE: Readonly<Record<string, readonly string[]>> = {
  Greater: ['a', 'b'],
  GreaterEqual: ['a', 'b'],
  Less: ['a', 'b'],
  LessEqual: ['a', 'b'],
  Equal: ['a', 'b'],
  NotEqual: ['a', 'b'],
  LogicalAnd: ['a', 'b'],
  LogicalOr: ['a', 'b'],
  LogicalNot: ['x'],
  Any: ['x'],
  All: ['x'],
  FloorDiv: ['a', 'b'],
};

/**
 * Gives comparisons and logic a gradient of zero, and floorDiv and casts to int32 and bool too. tfjs throws for the former,
 * so that a loss with `where(x.greater(0), …)` fails, and passes the gradient through the latter, where TensorFlow has none.
 * Doing it twice changes nothing.
 */
export function registerComparisonGradients(): void {
  for (const [kernelName, inputs] of Object.entries(STEPWISE)) {
    replaceGradient({
      kernelName,
      inputsToSave: [...inputs],
      gradFunc: (_, saved) => Object.fromEntries(inputs.map((name, i) => [name, () => zerosLike(saved[i])])), // fromEntries loses the type of the values
    });
  }
  replaceGradient({
    kernelName: 'Cast',
    gradFunc: (gradient, _, attributes) => ({
      x: () =>
        attributes.dtype === 'float32' ? (gradient as tf.Tensor).clone() : zerosLike(gradient as tf.Tensor), // Cast has one output
    }),
  });
}

/** float32, because the engine takes no other gradients. */
const zerosLike = (tensor: tf.Tensor | undefined): tf.Tensor => asFloat(tf.zerosLike(tensor ?? tf.scalar(0)));
