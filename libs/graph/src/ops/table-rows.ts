import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { intAttribute, nativeOp, typeAttribute } from './native-op.js';

const { int32 } = DATA_TYPE;

/** Rows of a table by id; the ids are not checked. */
export function rowsById<T extends tf.Tensor>(table_VD: tf.Tensor, id: tf.Tensor): T {
  const attributes = [
    intAttribute('batch_dims', 0),
    typeAttribute('Tparams'),
    typeAttribute('Tindices', int32),
    typeAttribute('Taxis', int32),
  ];
  return nativeOp('GatherV2', attributes, [table_VD, id, tf.scalar(0, 'int32')]);
}

/**
 * Sum of the rows of each id: the gradient of a table. One UnsortedSegmentSum, by which an optimiser knows that only
 * the rows of these ids changed; nothing may come after it.
 *
 * @param row_BLD float32, one row per id
 * @returns sum_VD; rows without an id are 0
 */
export function sumById(row_BLD: tf.Tensor, id_BL: tf.Tensor, numRows: number): tf.Tensor {
  const attributes = [
    typeAttribute('T'),
    typeAttribute('Tindices', int32),
    typeAttribute('Tnumsegments', int32),
  ];
  const dim = row_BLD.shape.at(-1) ?? 1;
  const inputs = [row_BLD.reshape([-1, dim]), id_BL.reshape([-1]), tf.scalar(numRows, 'int32')];
  return nativeOp('UnsortedSegmentSum', attributes, inputs);
}
