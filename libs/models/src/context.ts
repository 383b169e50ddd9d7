import { dropout } from '@assay/graph';
import { tf } from '@assay/tensorflow';

export interface ForwardContext {
  /** Whether dropout is on. */
  training: boolean;
  /** int32 [2], e.g. [seed, step]; needed when dropout is on. */
  seed?: tf.Tensor1D;
}

/** Distance between the seeds of two places that drop, so that their masks differ. */
const SITE_STRIDE = 1_000_003;

/**
 * Dropout while training, nothing otherwise.
 *
 * @param site number of the place in the model; places with different numbers draw different masks
 */
export function dropped<T extends tf.Tensor>(
  x: T,
  rate: number,
  { training, seed }: ForwardContext,
  site: number,
): T {
  if (!training || seed === undefined || rate === 0) return x;
  return dropout(x, rate, seed.add(tf.tensor1d([site * SITE_STRIDE, 0], 'int32')));
}
