import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import type { NativeTensor } from '../native-backend.js';
import { intVector, nativeOp, typeAttribute } from './native-op.js';
import { RawOps } from './raw-ops.js';

/** Philox, the counter-based generator that every device has. @see tensorflow/core/framework/rng_alg.h */
const PHILOX = 1;

/** Types that tfjs cannot hold. @see tensorflow/core/framework/types.proto */
const UINT16 = 17;
const UINT32 = 22;

const { int32 } = DATA_TYPE;

/** @throws SHAPE_MISMATCH when the seed is not int32 [2] */
export function assertSeed(op: string, seed_2: tf.Tensor): void {
  if (seed_2.dtype === 'int32' && seed_2.rank === 1 && seed_2.size === 2) return;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `${op} needs an int32 seed of shape [2]; got ${seed_2.dtype} [${seed_2.shape.join(', ')}]. Fix: pass tf.tensor1d([step, layer], 'int32').`,
  );
}

/**
 * Numbers of the standard normal distribution, drawn on the device.
 *
 * @param seed_2 int32: equal seeds and shapes give equal numbers, eager and in a graph
 * @returns float32 of the shape
 */
export function randomNormal(shape: readonly number[], seed_2: tf.Tensor1D): tf.Tensor {
  return RawOps.chain((raw) =>
    draw(raw, 'StatelessRandomNormalV2', DATA_TYPE.float32, intVector(shape), seed_2),
  );
}

/**
 * Bools that are false with probability level / 65536, drawn on the device. Drawing is most of the cost, so each 32-bit
 * number decides twice; half the last axis is computed by an op, so that any axis may follow the batch in a graph.
 *
 * @param shape of rank 1 or more
 * @param level 0 … 65535
 * @param seed_2 int32: equal seeds and shapes give equal bools, eager and in a graph
 * @returns bool of the shape
 */
export function randomBool(shape: readonly number[], level: number, seed_2: tf.Tensor1D): tf.Tensor {
  const last = shape.length - 1;
  const roundedUp = intVector(shape.map((length, axis) => (axis === last ? length + 1 : length)));
  const parts = intVector(shape.map((_, axis) => (axis === last ? 2 : 1)));
  const drawnShape = nativeOp('FloorDiv', [typeAttribute('T', int32)], [roundedUp, parts]);
  const uint16 = typeAttribute('T', UINT16);
  return RawOps.chain((raw) => {
    const word = draw(raw, 'StatelessRandomUniformFullIntV2', UINT32, drawnShape, seed_2);
    const pair = raw.run('Bitcast', [typeAttribute('T', UINT32), typeAttribute('type', UINT16)], [word]);
    const row = [pair, intVector([...shape.slice(0, -1), -1])];
    const even = raw.run('Reshape', [uint16, typeAttribute('Tshape', int32)], row); // one too many where the last axis is odd
    const part = [even, intVector(shape.map(() => 0)), intVector(shape)];
    const number = raw.run('Slice', [uint16, typeAttribute('Index', int32)], part);
    const types = [typeAttribute('SrcT', int32), typeAttribute('DstT', UINT16)];
    const limit = raw.run('Cast', types, [tf.scalar(level, 'int32')]);
    return raw.run('GreaterEqual', [uint16], [number, limit]);
  });
}

/** @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3" */
function draw(raw: RawOps, op: string, dtype: number, shape: tf.Tensor, seed_2: tf.Tensor1D): NativeTensor {
  const state = raw.runAll('StatelessRandomGetKeyCounter', [typeAttribute('Tseed', int32)], [seed_2], 2);
  const attributes = [typeAttribute('dtype', dtype), typeAttribute('Tshape', int32)];
  return raw.run(op, attributes, [shape, ...state, tf.scalar(PHILOX, 'int32')]);
}
