import { tf } from '@assay/tensorflow';
import { addToLastAxis, sumToLastAxis } from './last-axis.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';

/**
 * Adds a vector along the last axis, with one op for the gradient of the vector. TensorFlow fuses it with the product or
 * convolution before it.
 *
 * @param input […, F] float32 of rank 2 or more
 * @param bias_F float32
 * @returns a tensor like the input; gradients flow to both. Caller disposes.
 * @throws SHAPE_MISMATCH when F differs or the input has fewer than two axes
 */
export function biasAdd<T extends tf.Tensor>(input: T, bias_F: tf.Tensor1D): T {
  if (input.rank < 2 || bias_F.rank !== 1 || input.shape.at(-1) !== bias_F.shape[0])
    throw shapeMismatch('biasAdd', 'one bias per feature', { input, bias_F }, 'make F equal');
  return tf.tidy(() => {
    const add = ownGradient('biasAdd', (...args) => {
      const [x, bias] = args as [tf.Tensor, tf.Tensor]; // what customGrad passes for two inputs
      return {
        value: addToLastAxis(x, bias),
        gradFunc: (gradient: tf.Tensor) => [gradient, sumToLastAxis(gradient)],
      };
    });
    return add(input, bias_F) as T; // BiasAdd keeps the shape
  });
}
