import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { dataTypeOf } from '../recording.js';
import { nativeOp, typeAttribute } from './native-op.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';
import { assertSeed, randomBool } from './stateless-random.js';

/** Decisions are drawn with 16 bits. */
const LEVELS = 65536;

/**
 * Mirrors some images left to right.
 *
 * @param image_BHWC float32 or int32
 * @param flip_B bool, or 1 for an image to mirror and 0 for one to keep
 * @returns a tensor like the images; the gradient flows to float32 images. Caller disposes.
 * @throws SHAPE_MISMATCH when B differs or the image has not four axes
 */
export function flipImages(image_BHWC: tf.Tensor4D, flip_B: tf.Tensor1D): tf.Tensor4D {
  const [B] = image_BHWC.shape;
  if (image_BHWC.rank !== 4 || flip_B.rank !== 1 || flip_B.shape[0] !== B)
    throw shapeMismatch('flipImages', 'one decision per image', { image_BHWC, flip_B }, 'make B equal');
  return tf.tidy(() => {
    const flip = ownGradient('flipImages', (...args) => {
      const [image, save] = args as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for one input
      const flip_B111 = flip_B.cast('bool').reshape([B, 1, 1, 1]);
      save([flip_B111]);
      return {
        value: mirrored(image, flip_B111),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [flipped] = saved as [tf.Tensor]; // as saved above
          return mirrored(gradient, flipped);
        },
      };
    });
    return flip(image_BHWC) as tf.Tensor4D; // pixels only move
  });
}

/**
 * Mirrors each image left to right with a probability, decided on the device.
 *
 * @param image_BHWC float32 or int32
 * @param seed_2 int32 [2], like [step, layer]: equal seeds and batch sizes mirror the same images
 * @param probability in [0, 1], rounded to a multiple of 1/65536
 * @returns a tensor like the images. Caller disposes.
 * @throws SHAPE_MISMATCH when the seed is not int32 [2] or the probability is out of range
 */
export function flipImagesAtRandom(
  image_BHWC: tf.Tensor4D,
  seed_2: tf.Tensor1D,
  probability = 0.5,
): tf.Tensor4D {
  assertSeed('flipImagesAtRandom', seed_2);
  if (!(probability >= 0 && probability <= 1)) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `flipImagesAtRandom needs a probability in [0, 1]; got ${probability}. Fix: pass a number like 0.5.`,
    );
  }
  const kept = Math.round((1 - probability) * LEVELS);
  if (kept === LEVELS) return image_BHWC.clone();
  return tf.tidy(
    () => flipImages(image_BHWC, randomBool(image_BHWC.shape.slice(0, 1), kept, seed_2) as tf.Tensor1D), // one per image
  );
}

function mirrored(image_BHWC: tf.Tensor, flip_B111: tf.Tensor): tf.Tensor {
  const type = typeAttribute('T', dataTypeOf(image_BHWC.dtype));
  return nativeOp('SelectV2', [type], [flip_B111, image_BHWC.reverse(2), image_BHWC]);
}
