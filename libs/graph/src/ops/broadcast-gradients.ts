import { tf } from '@assay/tensorflow';
import { asFloat } from './as-float.js';
import { sumToLastAxis } from './last-axis.js';
import { isDifferentiated } from './own-gradient.js';
import { replaceGradient } from './replace-gradient.js';

const { getReductionAxes } = tf.broadcast_util;

type Slope = (gradient: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Gradients at a and at b of ops of two tensors, before the sum over the axes along which one was repeated. */
const SLOPES: Readonly<Record<string, readonly [Slope, Slope]>> = {
  Add: [(gradient) => gradient, (gradient) => gradient],
  Multiply: [(gradient, _, b) => gradient.mul(asFloat(b)), (gradient, a) => gradient.mul(asFloat(a))],
  Maximum: [
    (gradient, a, b) => gradient.mul(a.greaterEqual(b).toFloat()),
    (gradient, a, b) => gradient.mul(a.less(b).toFloat()),
  ],
  Minimum: [
    (gradient, a, b) => gradient.mul(a.lessEqual(b).toFloat()),
    (gradient, a, b) => gradient.mul(a.greater(b).toFloat()),
  ],
  SquaredDifference: [
    (gradient, a, b) => gradient.mul(a.sub(b).mul(2)),
    (gradient, a, b) => gradient.mul(b.sub(a).mul(2)),
  ],
};

/**
 * Replaces gradients of ops of two tensors where one is repeated along axes of the other: that of a bias or a scale per
 * channel is a sum to the last axis, for which TensorFlow has a faster op than `Sum`; tfjs forgets the sum of a maximum, a
 * minimum and a squared difference, and throws. Doing it twice changes nothing.
 */
export function registerBroadcastGradients(): void {
  for (const [kernelName, [slopeA, slopeB]] of Object.entries(SLOPES)) {
    replaceGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (gradient, saved) => {
        const [a, b] = saved as [tf.Tensor, tf.Tensor]; // inputsToSave
        const slope = gradient as tf.Tensor; // one output
        return { a: () => sumTo(slopeA(slope, a, b), a.shape), b: () => sumTo(slopeB(slope, a, b), b.shape) };
      },
    });
  }
}

/** Sum over the axes along which a tensor of the shape was repeated. */
function sumTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = getReductionAxes(shape, gradient.shape);
  if (axes.length === 0)
    return String(shape) === String(gradient.shape) ? gradient.clone() : gradient.reshape(shape);
  const last = gradient.rank - 1;
  const isPerChannel = !isDifferentiated() && axes.length === last && !axes.includes(last);
  return (isPerChannel ? sumToLastAxis(gradient) : gradient.sum(axes)).reshape(shape);
}
