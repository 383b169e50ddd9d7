import type { tf } from '@assay/tensorflow';
import { boolAttribute, nativeOp, typeAttribute } from './native-op.js';

interface Transposed {
  transposeA?: boolean;
  transposeB?: boolean;
}

/** Product of two matrices, either of them transposed on the way. */
export const matMul = (a: tf.Tensor, b: tf.Tensor, transposed: Transposed = {}): tf.Tensor =>
  product('MatMul', ['transpose_a', 'transpose_b'], [a, b], transposed);

/** One product per index of the leading axes, which both have in common. */
export const batchMatMul = (a: tf.Tensor, b: tf.Tensor, transposed: Transposed = {}): tf.Tensor =>
  product('BatchMatMulV2', ['adj_x', 'adj_y'], [a, b], transposed);

function product(
  op: string,
  [nameA, nameB]: readonly [string, string],
  factors: [tf.Tensor, tf.Tensor],
  { transposeA = false, transposeB = false }: Transposed,
): tf.Tensor {
  const attributes = [typeAttribute('T'), boolAttribute(nameA, transposeA), boolAttribute(nameB, transposeB)];
  return nativeOp(op, attributes, factors);
}
