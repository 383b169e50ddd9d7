import { AssayError } from '@assay/core';
import type { tf } from '@assay/tensorflow';

type Described = Readonly<Record<string, tf.Tensor | undefined>>;

/** `query_BTD is [2, 3, 4], mask_BS is [2, 5]`; absent tensors are left out. */
function describeShapes(tensors: Described): string {
  return Object.entries(tensors)
    .flatMap(([name, tensor]) => (tensor === undefined ? [] : `${name} is [${tensor.shape.join(', ')}]`))
    .join(', ');
}

/**
 * The error of an op whose arguments do not fit each other.
 *
 * @param needs what the op needs, like `one mask value per token`
 * @param tensors what it got, by name with axes
 * @param fix the sentence after `Fix:`
 */
export function shapeMismatch(op: string, needs: string, tensors: Described, fix: string): AssayError {
  return new AssayError('SHAPE_MISMATCH', `${op} needs ${needs}; ${describeShapes(tensors)}. Fix: ${fix}.`);
}
