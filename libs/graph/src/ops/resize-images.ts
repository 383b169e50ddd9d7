import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { asFloat } from './as-float.js';
import { boolAttribute, nativeOp, typeAttribute } from './native-op.js';
import { ownGradient } from './own-gradient.js';

const ATTRIBUTES = [
  typeAttribute('T'),
  boolAttribute('align_corners', false),
  boolAttribute('half_pixel_centers', true),
];

/**
 * Bilinear resizing between pixel centres, as TensorFlow 2 and Keras do it, without smoothing before it is made smaller.
 * The kernel behind tfjs's own resizing computes the gradient for other centres than the value.
 *
 * @param image_BHWC float32, or int32
 * @param size [height, width] in pixels, ≥ 1
 * @returns float32 [B, height, width, C]; the gradient flows to a float32 image. Caller disposes.
 * @throws SHAPE_MISMATCH when the image has not four axes or a size is not a positive integer
 * @see https://www.tensorflow.org/api_docs/python/tf/image/resize
 */
export function resizeImages(image_BHWC: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  if (image_BHWC.rank !== 4 || !size.every((length) => Number.isInteger(length) && length > 0)) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `resizeImages needs images [B, H, W, C] and a height and width of at least 1; got [${image_BHWC.shape.join(', ')}] and ${size.join(', ')}. Fix: pass [height, width].`,
    );
  }
  return tf.tidy(() => {
    const resize = ownGradient('resizeImages', (...args) => {
      const [image, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
      save([image]);
      return {
        value: nativeOp('ResizeBilinear', ATTRIBUTES, [image, tf.tensor1d([...size], 'int32')]),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [original] = saved as [tf.Tensor]; // as saved above
          return nativeOp('ResizeBilinearGrad', ATTRIBUTES, [gradient, original]);
        },
      };
    });
    return resize(asFloat(image_BHWC)) as tf.Tensor4D; // [B, height, width, C]
  });
}
