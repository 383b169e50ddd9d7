import { tf } from '@assay/tensorflow';
import { assertType } from './assert-type.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';
import { rowsById, sumById } from './table-rows.js';

/**
 * Rows of a table by id. tfjs's own `gather` reads the ids on the host to check their range, so it cannot be traced;
 * this one does not check: ids outside 0 … V−1 are the caller's to refuse (an error on a CPU, zeros on a GPU).
 *
 * @param table_VD float32
 * @param id_BL int32 in [0, V)
 * @returns vector_BLD float32; gradients flow to the table. Caller disposes.
 * @throws SHAPE_MISMATCH when the table has not two axes
 * @throws DTYPE_MISMATCH when the ids are not int32
 */
export function embeddingLookup(table_VD: tf.Tensor2D, id_BL: tf.Tensor2D): tf.Tensor3D {
  if (table_VD.rank !== 2)
    throw shapeMismatch('embeddingLookup', 'a table [V, D]', { table_VD }, 'reshape it to two axes');
  assertType('embeddingLookup', 'int32', { id_BL });
  return tf.tidy(() => {
    const [numRows] = table_VD.shape;
    const lookup = ownGradient('embeddingLookup', (...args) => {
      const [table, save] = args as [tf.Tensor2D, tf.GradSaveFunc]; // what customGrad passes for one input
      save([id_BL]); // the caller may dispose the ids before the gradient is computed
      return {
        value: rowsById(table, id_BL),
        gradFunc: (gradient_BLD: tf.Tensor, saved: tf.Tensor[]) => {
          const [id] = saved as [tf.Tensor]; // as saved above
          return sumById(gradient_BLD, id, numRows);
        },
      };
    });
    return lookup(table_VD) as tf.Tensor3D; // [B, L] ids of a [V, D] table
  });
}
