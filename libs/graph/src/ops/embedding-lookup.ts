import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { intAttribute, nativeOp, typeAttribute } from './native-op.js';

const { int32 } = DATA_TYPE;

/**
 * Rows of a table by id. tfjs's own `gather` reads the ids on the host to check their range, so it cannot be traced;
 * this one does not check: ids outside 0 … V−1 are the caller's to refuse (an error on a CPU, zeros on a GPU).
 *
 * @param table_VD float32
 * @param id_BL int32 in [0, V)
 * @returns vector_BLD float32; gradients flow to the table. Caller disposes.
 */
export function embeddingLookup(table_VD: tf.Tensor2D, id_BL: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const [numRows, dim] = table_VD.shape;
    const lookup = tf.customGrad((...args) => {
      const [table, save] = args as [tf.Tensor2D, tf.GradSaveFunc]; // what customGrad passes for one input
      save([id_BL]); // the caller may dispose the ids before the gradient is computed
      return {
        value: rowsOf(table, id_BL),
        gradFunc: (gradient_BLD: tf.Tensor, saved: tf.Tensor[]) => {
          const [id] = saved as [tf.Tensor]; // as saved above
          const attributes = [
            typeAttribute('T'),
            typeAttribute('Tindices', int32),
            typeAttribute('Tnumsegments', int32),
          ];
          const flat = [gradient_BLD.reshape([-1, dim]), id.reshape([-1]), tf.scalar(numRows, 'int32')];
          return nativeOp('UnsortedSegmentSum', attributes, flat);
        },
      };
    });
    return lookup(table_VD); // [B, L] ids of a [V, D] table
  });
}

function rowsOf(table_VD: tf.Tensor2D, id_BL: tf.Tensor2D): tf.Tensor3D {
  const attributes = [
    intAttribute('batch_dims', 0),
    typeAttribute('Tparams'),
    typeAttribute('Tindices', int32),
    typeAttribute('Taxis', int32),
  ];
  return nativeOp('GatherV2', attributes, [table_VD, id_BL, tf.scalar(0, 'int32')]);
}
