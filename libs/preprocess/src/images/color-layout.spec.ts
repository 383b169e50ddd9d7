import { colorDistance, colorLayout } from './color-layout.js';
import type { RgbImage } from './image-shape.js';

/** An image of 8 × 8 pixels whose colour depends on the place. */
const image = (colorAt: (y: number, x: number) => number[]): RgbImage => ({
  height: 8,
  width: 8,
  pixels: Uint8Array.from(Array.from({ length: 64 }, (_, i) => colorAt(i >> 3, i & 7)).flat()),
});

it('is the mean colour of each of 16 parts', () => {
  const layout = colorLayout(image((y, x) => [10 * (y >> 1), 20 * (x >> 1), (y & 1) * 4 + (x & 1) * 2]));
  expect(layout).toHaveLength(48);
  expect([...layout.subarray(0, 6)]).toEqual([0, 0, 3, 0, 20, 3]); // blue: the mean of 0, 2, 4 and 6
  expect([...layout.subarray(45)]).toEqual([30, 60, 3]);
});

it('differs by the mean of the differences, straight or mirrored', () => {
  const rising = colorLayout(image((_, x) => [10 * (x >> 1), 0, 0]));
  const falling = colorLayout(image((_, x) => [30 - 10 * (x >> 1), 0, 0]));
  expect(colorDistance(rising, rising, false)).toBe(0);
  expect(colorDistance(rising, falling, false)).toBeCloseTo((30 + 10 + 10 + 30) / 4 / 3, 12);
  expect(colorDistance(rising, falling, true)).toBe(0);
});
