import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { flipImages, flipImagesAtRandom, normalizeImages, resizeImages } from '../index.js';

const run = (fn: () => void) => expectNoLeak(tf, () => tf.tidy(fn));

describe('normalizeImages', () => {
  it('gives (byte/255 − mean) / deviation per channel', () =>
    run(() => {
      const image_BHWC = tf.tensor4d([0, 255, 51, 102], [1, 1, 2, 2], 'int32');
      const normal_BHWC = normalizeImages(image_BHWC, [0.5, 0.2], [0.25, 0.1]);
      expect(normal_BHWC.dtype).toBe('float32');
      expectClose(normal_BHWC.dataSync(), [-2, 8, -1.2, 2]);
      expectClose(normalizeImages(image_BHWC, 0.5, 0.5).dataSync(), [-1, 1, -0.6, -0.2]);
    }));

  it('takes several images per record', () =>
    run(() => {
      const normal = normalizeImages(tf.fill([2, 3, 1, 4, 2], 51, 'int32'), [0, 0.2], [0.1, 1]);
      expect(normal.shape).toEqual([2, 3, 1, 4, 2]);
      expectClose(
        normal.dataSync(),
        Array.from({ length: 48 }, (_, i) => (i % 2 === 0 ? 2 : 0)),
      );
    }));

  it('refuses floats, another number of means and a deviation of 0', () =>
    run(() => {
      const image = tf.zeros<tf.Rank.R4>([1, 1, 1, 2], 'int32');
      expect(() => normalizeImages(image.toFloat(), 0, 1)).toThrow('image of dtype int32; got float32');
      expect(() => normalizeImages(image, [0, 0, 0], 1)).toThrow('one mean for each of C=2 channels; got 3');
      expect(() => normalizeImages(image, 0, [1, 0])).toThrow('deviations above 0; got 1, 0');
    }));
});

describe('resizeImages', () => {
  it('interpolates between the centres of pixels', () =>
    run(() => {
      const image_BHWC = tf.tensor4d([0, 10], [1, 1, 2, 1], 'int32');
      // the centres of 4 pixels lie at −¼, ¼, ¾ and 1¼ of 2; outside is the value of the border
      expectClose(resizeImages(image_BHWC, [1, 4]).dataSync(), [0, 2.5, 7.5, 10]);
    }));

  it('sends the gradient to the pixels that were read', () =>
    run(() => {
      const gradient = tf.grad((t) =>
        resizeImages(t as tf.Tensor4D, [1, 4])
          .mul(tf.tensor4d([1, 2, 3, 4], [1, 1, 4, 1]))
          .sum(),
      )(tf.zeros([1, 1, 2, 1]));
      expectClose(gradient.dataSync(), [1 + 2 * 0.75 + 3 * 0.25, 2 * 0.25 + 3 * 0.75 + 4]);
    }));

  it('takes bytes', () =>
    run(() => {
      const resized = resizeImages(tf.tensor4d([1, 2], [1, 1, 2, 1], 'int32'), [1, 1]);
      expect(resized.dtype).toBe('float32');
      expectClose(resized.dataSync(), [1.5]);
    }));

  it('refuses a size of 0', () =>
    run(() => {
      expect(() => resizeImages(tf.zeros([1, 2, 2, 1]), [0, 2])).toThrow('got [1, 2, 2, 1] and 0, 2');
    }));
});

describe('flipImages', () => {
  const image_BHWC = (): tf.Tensor4D => tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]);

  it('mirrors the chosen images left to right, and their gradients', () =>
    run(() => {
      expectClose(flipImages(image_BHWC(), tf.tensor1d([0, 1])).dataSync(), [1, 2, 3, 4, 6, 5, 8, 7]);
      const gradient = tf.grad((t) =>
        flipImages(t as tf.Tensor4D, tf.tensor1d([1, 0]))
          .mul(image_BHWC())
          .sum(),
      )(tf.zeros([2, 2, 2, 1]));
      expectClose(gradient.dataSync(), [2, 1, 4, 3, 5, 6, 7, 8]);
    }));

  it('keeps int32', () =>
    run(() => {
      const flipped = flipImages(tf.tensor4d([1, 2], [1, 1, 2, 1], 'int32'), tf.tensor1d([true], 'bool'));
      expect(flipped.dtype).toBe('int32');
      expect(Array.from(flipped.dataSync())).toEqual([2, 1]);
    }));

  it('refuses another number of decisions', () =>
    run(() => {
      expect(() => flipImages(image_BHWC(), tf.ones([3]))).toThrow(
        expect.objectContaining({
          code: 'SHAPE_MISMATCH',
          message: expect.stringContaining('image_BHWC is [2, 2, 2, 1], flip_B is [3]') as string,
        }) as Error,
      );
    }));
});

describe('flipImagesAtRandom', () => {
  const seed = (step: number): tf.Tensor1D => tf.tensor1d([step, 1], 'int32');
  /** The first pixel of each image: 1 when it was mirrored. */
  const flips = (probability: number, step = 1): number[] => {
    const image_BHWC = tf.tensor4d([0, 1], [1, 1, 2, 1]).tile<tf.Tensor4D>([4001, 1, 1, 1]);
    return Array.from(
      flipImagesAtRandom(image_BHWC, seed(step), probability).slice([0, 0, 0, 0], [4001, 1, 1, 1]).dataSync(),
    );
  };
  const shareOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('mirrors about the given part of the images, the same ones for the same seed', () =>
    run(() => {
      const chosen = flips(0.25);
      expect(Math.abs(shareOf(chosen) - 0.25)).toBeLessThan(0.035); // 5 standard deviations
      expect(flips(0.25)).toEqual(chosen);
      expect(flips(0.25, 2)).not.toEqual(chosen);
    }));

  it('mirrors none or all for 0 and 1', () =>
    run(() => {
      expect(shareOf(flips(0))).toBe(0);
      expect(shareOf(flips(1))).toBe(1);
    }));

  it('refuses a probability of 2', () =>
    run(() => {
      expect(() => flips(2)).toThrow('probability in [0, 1]; got 2');
    }));
});
