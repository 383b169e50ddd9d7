import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { nativeBackend } from '../native-backend.js';
import { intVector, typeAttribute } from './native-op.js';

/** Philox, the counter-based generator that every device has. @see tensorflow/core/framework/rng_alg.h */
const PHILOX = 1;

/**
 * Inverted dropout, drawn on the device: values are zeroed with probability `rate`, the others are scaled by 1/(1−rate).
 *
 * @param input any float32 tensor
 * @param rate in [0, 1)
 * @param seed_2 int32 [2], like [step, layer]: equal seeds and shapes give equal masks
 * @returns a tensor like the input; with rate 0 a copy of it. Caller disposes.
 * @throws SHAPE_MISMATCH when the seed is not int32 [2] or the rate is out of range
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"
 */
export function dropout<T extends tf.Tensor>(input: T, rate: number, seed_2: tf.Tensor1D): T {
  if (!(rate >= 0 && rate < 1))
    throw new AssayError('SHAPE_MISMATCH', `dropout needs a rate in [0, 1); got ${rate}. Fix: lower it.`);
  if (seed_2.dtype !== 'int32' || seed_2.size !== 2) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `dropout needs an int32 seed of shape [2]; got ${seed_2.dtype} [${seed_2.shape.join(', ')}]. Fix: pass tf.tensor1d([step, layer], 'int32').`,
    );
  }
  if (rate === 0) return input.clone();
  return tf.tidy(() => {
    const kept = uniform(input.shape, seed_2).greaterEqual(rate).toFloat();
    return input.mul<T>(kept.mul(1 / (1 - rate)));
  });
}

/** Numbers in [0, 1) from a seed. The generator's state is uint64, which tfjs cannot hold: it stays in raw ids. */
function uniform(shape: readonly number[], seed_2: tf.Tensor1D): tf.Tensor {
  const backend = nativeBackend();
  const { binding } = backend;
  const state = binding.executeOp(
    'StatelessRandomGetKeyCounter',
    [typeAttribute('Tseed', DATA_TYPE.int32)],
    backend.getInputTensorIds([seed_2]),
    2,
  );
  try {
    const [shapeId = -1, algorithmId = -1] = backend.getInputTensorIds([
      intVector(shape),
      tf.scalar(PHILOX, 'int32'),
    ]);
    const inputs = [shapeId, ...state.map(({ id }) => id), algorithmId];
    const attributes = [typeAttribute('dtype'), typeAttribute('Tshape', DATA_TYPE.int32)];
    const [numbers] = binding.executeOp('StatelessRandomUniformV2', attributes, inputs, 1);
    if (numbers === undefined) throw new AssayError('INTERNAL', 'the engine drew no random numbers');
    return backend.createOutputTensor(numbers);
  } finally {
    for (const { id } of state) binding.deleteTensor(id);
  }
}
