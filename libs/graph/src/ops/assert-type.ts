import { AssayError } from '@assay/core';
import type { tf } from '@assay/tensorflow';

/**
 * @param tensors by name with axes; absent ones are not checked
 * @throws DTYPE_MISMATCH when one has another dtype
 */
export function assertType(
  op: string,
  dtype: 'float32' | 'int32',
  tensors: Readonly<Record<string, tf.Tensor | undefined>>,
): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor === undefined || tensor.dtype === dtype) continue;
    throw new AssayError(
      'DTYPE_MISMATCH',
      `${op} needs ${name} of dtype ${dtype}; got ${tensor.dtype}. Fix: make it with that dtype, or cast it.`,
    );
  }
}
