import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';

/**
 * Scales all gradients by maxNorm / max(norm, maxNorm), where norm is the root of the sum of all squares.
 *
 * @param gradients by parameter
 * @param maxNorm > 0; Infinity leaves the gradients as they are
 * @returns scaled gradients and the norm before clipping, a scalar; all belong to the caller
 * @throws SHAPE_MISMATCH when maxNorm is not positive
 * @see Pascanu et al. 2013, "On the difficulty of training recurrent neural networks"
 */
export function clipByGlobalNorm(
  gradients: Readonly<Record<string, tf.Tensor>>,
  maxNorm: number,
): { gradients: Record<string, tf.Tensor>; norm: tf.Scalar } {
  if (!(maxNorm > 0))
    throw new AssayError(
      'SHAPE_MISMATCH',
      `clipByGlobalNorm needs maxNorm > 0; got ${maxNorm}. Fix: raise it, or use Infinity to clip nothing.`,
    );
  return tf.tidy(() => {
    const squares = Object.values(gradients).map((gradient) => gradient.square().sum<tf.Scalar>());
    const norm = squares.length === 0 ? tf.scalar(0) : tf.addN(squares).sqrt();
    const scale = Number.isFinite(maxNorm) ? tf.scalar(maxNorm).div(norm.maximum(maxNorm)) : tf.scalar(1);
    return {
      gradients: Object.fromEntries(
        Object.entries(gradients).map(([name, gradient]) => [name, gradient.mul(scale)]),
      ),
      norm,
    };
  });
}
