import { AssayError } from '@assay/core';
import { sizeOf } from '../data-types.js';

/**
 * Values for a variable: the binding ends the process when it is given others.
 *
 * @throws DTYPE_MISMATCH when they are no Float32Array
 * @throws SHAPE_MISMATCH when there are more or fewer than the shape has
 */
export function assertFloats(name: string, shape: readonly number[], data: unknown): void {
  const received = Object.prototype.toString.call(data).slice(8, -1); // by tag: realms differ
  if (received !== 'Float32Array')
    throw new AssayError(
      'DTYPE_MISMATCH',
      `The values of '${name}' are a ${received}; a variable needs a Float32Array. Fix: convert them.`,
    );
  const { length } = data as Float32Array; // by its tag
  if (length !== sizeOf(shape))
    throw new AssayError(
      'SHAPE_MISMATCH',
      `The variable '${name}' of shape [${shape.join(', ')}] needs ${sizeOf(shape)} values; got ${length}. Fix: pass values of the same model.`,
    );
}
