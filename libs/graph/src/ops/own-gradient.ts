import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';

type OpWithGradient<T extends tf.Tensor> = Parameters<typeof tf.customGrad<T>>[0];

/** Whether a gradient is being computed whose own gradient is wanted: through TensorFlow's gradient ops there is none. */
export const isDifferentiated = (): boolean => tf.engine().isTapeOn();

/**
 * `tf.customGrad` for an op of this package.
 *
 * @param op its name
 * @throws TRACE_UNSUPPORTED when a gradient of its gradient is taken, which would be wrong without a word
 */
export function ownGradient<T extends tf.Tensor>(
  op: string,
  fn: OpWithGradient<T>,
): (...inputs: tf.Tensor[]) => T {
  return tf.customGrad((...args) => {
    const { value, gradFunc } = fn(...args);
    return {
      value,
      gradFunc: (gradient, saved) => {
        if (isDifferentiated())
          throw new AssayError(
            'TRACE_UNSUPPORTED',
            `${op} has a first gradient only, and the function takes the gradient of its gradient. Fix: write this part in ops of tfjs.`,
          );
        return gradFunc(gradient, saved);
      },
    };
  });
}
