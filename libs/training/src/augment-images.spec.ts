import { Random } from '@assay/core';
import type { ModelInputs } from '@assay/preprocess';
import { augmentImages } from './augment-images.js';

// B=20, I=2, H=3, W=5, C=1: every row is 10 20 30 40 50
const shape = [20, 2, 3, 5, 1];
const inputs = (): ModelInputs => ({
  image_BIHWC: {
    dtype: 'uint8',
    shape,
    data: Uint8Array.from({ length: 600 }, (_, i) => 10 * ((i % 5) + 1)),
  },
});
const imagesOf = ({ image_BIHWC }: ModelInputs): number[][] =>
  Array.from({ length: 40 }, (_, n) => [...image_BIHWC!.data.subarray(15 * n, 15 * n + 15)]);

test('mirrors about half of the images', () => {
  const rising = imagesOf(augmentImages(inputs(), new Random(1))).filter(
    (image) => image[0]! < image[4]!,
  ).length;
  expect(rising).toBeGreaterThan(10); // 20 of 40 expected, standard deviation 3.2
  expect(rising).toBeLessThan(30);
});

test('keeps every row of an image alike and in order: it moves pixels, it does not shuffle them', () => {
  for (const image of imagesOf(augmentImages(inputs(), new Random(2)))) {
    const row = image.slice(0, 5);
    expect(image).toEqual([...row, ...row, ...row]);
    const sorted = [...row].sort((a, b) => a - b);
    expect([sorted, sorted.toReversed()]).toContainEqual(row);
  }
});

test('gives the same images for the same seed and others for another', () => {
  const first = augmentImages(inputs(), new Random(3));
  expect(augmentImages(inputs(), new Random(3))).toEqual(first);
  expect(augmentImages(inputs(), new Random(4))).not.toEqual(first);
});

test('leaves inputs without images and the given arrays as they were', () => {
  const given = inputs();
  augmentImages(given, new Random(1));
  expect(given).toEqual(inputs());
  expect(augmentImages({}, new Random(1))).toEqual({});
});
