import type { tf } from '@assay/tensorflow';

/** The tensor as float32. `toFloat` runs a Cast for float32 too. */
export const asFloat = <T extends tf.Tensor>(tensor: T): T =>
  tensor.dtype === 'float32' ? tensor : tensor.toFloat();
