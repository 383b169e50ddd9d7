import type { tf } from '@assay/tensorflow';
import { boolAttribute, nativeOp, typeAttribute } from './native-op.js';

interface Transposed {
  transposeA?: boolean;
  transposeB?: boolean;
}

/** Product of two matrices, either of them transposed on the way. */
export function matMul(
  a: tf.Tensor,
  b: tf.Tensor,
  { transposeA = false, transposeB = false }: Transposed = {},
): tf.Tensor {
  const attributes = [
    typeAttribute('T'),
    boolAttribute('transpose_a', transposeA),
    boolAttribute('transpose_b', transposeB),
  ];
  return nativeOp('MatMul', attributes, [a, b]);
}

/** One product per index of the leading axes, which both have in common. */
export function batchMatMul(
  a: tf.Tensor,
  b: tf.Tensor,
  { transposeA = false, transposeB = false }: Transposed = {},
): tf.Tensor {
  const attributes = [
    typeAttribute('T'),
    boolAttribute('adj_x', transposeA),
    boolAttribute('adj_y', transposeB),
  ];
  return nativeOp('BatchMatMulV2', attributes, [a, b]);
}
