import { tf } from '@assay/tensorflow';
import { assertType } from './assert-type.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';
import { rowsById, sumById } from './table-rows.js';
import { assertMode, pooledWeights, spreadByWeight, weightedSum, type PoolMode } from './weighted-sum.js';

/**
 * Weighted sum of the rows of each example's ids: Σ w·table[id] over 1 (`sum`), max(Σ w, 1) (`mean`) or its square root
 * (`sqrtn`).
 *
 * @param table_VD float32
 * @param id_BL int32 in [0, V); not checked here, see `embeddingLookup`
 * @param weight_BL float32 ≥ 0; 0 leaves an id out (padding)
 * @returns pooled_BD float32; a row without weight is all zeros. Gradients flow to the table only: one
 *   UnsortedSegmentSum. Caller disposes.
 * @throws SHAPE_MISMATCH when B or L differ
 * @throws DTYPE_MISMATCH when the ids are not int32 or the others not float32
 * @throws USAGE when there is no such mode
 */
export function embeddingBag(
  table_VD: tf.Tensor2D,
  id_BL: tf.Tensor2D,
  weight_BL: tf.Tensor2D,
  mode: PoolMode,
): tf.Tensor2D {
  if (id_BL.shape[0] !== weight_BL.shape[0] || id_BL.shape[1] !== weight_BL.shape[1]) {
    throw shapeMismatch('embeddingBag', 'one weight per id', { id_BL, weight_BL }, 'make B and L equal');
  }
  assertMode('embeddingBag', mode);
  assertType('embeddingBag', 'int32', { id_BL });
  assertType('embeddingBag', 'float32', { table_VD, weight_BL });
  return tf.tidy(() => {
    const [numRows] = table_VD.shape;
    const pool = ownGradient('embeddingBag', (...args) => {
      const [table, save] = args as [tf.Tensor2D, tf.GradSaveFunc]; // what customGrad passes for one input
      const share_BL = pooledWeights(weight_BL, mode);
      save([id_BL, share_BL]);
      return {
        value: weightedSum(rowsById(table, id_BL), share_BL),
        gradFunc: (gradient_BD: tf.Tensor, saved: tf.Tensor[]) => {
          const [id, share] = saved as [tf.Tensor2D, tf.Tensor2D]; // as saved above
          return sumById(spreadByWeight(gradient_BD, share), id, numRows);
        },
      };
    });
    return pool(table_VD); // one sum of rows per example
  });
}
