import { tf } from '@assay/tensorflow';

interface TapeState {
  state: { activeTape: { saved?: tf.Tensor[] }[] | null | undefined; kernelDepth: number };
}

/** Runs `fn`, whose tensors but the result are disposed, as one op: nothing is noted for a gradient. */
export function offTape<T extends tf.Tensor>(fn: () => T): T {
  const { state } = tf.engine() as unknown as TapeState;
  state.kernelDepth++;
  try {
    return tf.tidy(fn);
  } finally {
    state.kernelDepth--;
  }
}

/**
 * The value of `fn` and its gradients at tensors; undefined for one that it does not depend on. Unlike in tfjs, the tape
 * of an outer gradient lives on, and what was saved for a backward pass is freed when the function fails.
 *
 * @param gradient of the value; default: 1
 */
export function takeGradients(
  fn: () => tf.Tensor,
  at: readonly tf.Tensor[],
  gradient?: tf.Tensor,
): { value: tf.Tensor; grads: (tf.Tensor | undefined)[] } {
  const { state } = tf.engine() as unknown as TapeState;
  const outer = state.activeTape;
  let value: tf.Tensor | undefined;
  try {
    return tf.engine().gradients(() => (value = fn()), [...at], gradient, true); // true: gradients may be missing
  } catch (error) {
    value?.dispose();
    if (state.activeTape !== outer) state.activeTape?.forEach(({ saved = [] }) => tf.dispose(saved));
    throw error;
  } finally {
    state.activeTape = outer;
  }
}
