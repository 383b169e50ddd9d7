import { tf } from '@assay/tensorflow';
import { DATA_TYPE, sizeOf } from '../data-types.js';
import { intVector, nativeOp, typeAttribute } from './native-op.js';
import { isDifferentiated } from './own-gradient.js';
import { replaceGradient } from './replace-gradient.js';

/** Gradients of tfjs's Sum and Mean make a tensor of ones in JavaScript and upload it at every step. */
function registerReduction(kernelName: 'Sum' | 'Mean'): void {
  replaceGradient({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (gradient, saved, attributes) => {
      const [x] = saved as [tf.Tensor]; // inputsToSave
      const axes = tf.util.parseAxisParam((attributes.axis ?? null) as unknown as number | number[], x.shape); // null is all axes
      const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
      const count = sizeOf(axes.map((axis) => x.shape[axis] ?? 1));
      return {
        x: () => {
          const spread = (gradient as tf.Tensor).reshape(kept); // Sum and Mean have one output
          return broadcastTo(kernelName === 'Mean' ? spread.mul(1 / count) : spread, x.shape);
        },
      };
    },
  });
}

function broadcastTo(tensor: tf.Tensor, shape: readonly number[]): tf.Tensor {
  if (isDifferentiated()) return tensor.mul(tf.ones([...shape])); // tfjs knows its gradient
  const attributes = [typeAttribute('T'), typeAttribute('Tidx', DATA_TYPE.int32)];
  return nativeOp('BroadcastTo', attributes, [tensor, intVector(shape)]);
}

/** Replaces the gradients of sums and means by ones that stay on the device. Doing it twice changes nothing. */
export function registerReductionGradients(): void {
  registerReduction('Sum');
  registerReduction('Mean');
}
