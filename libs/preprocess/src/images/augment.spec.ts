import { Random } from '@assay/core';
import { adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness } from './adjust-color.js';
import { autocontrast, equalize, posterize, solarize } from './adjust-levels.js';
import { augment, augmentRandom, colorJitter, type AugmentOptions } from './augment.js';
import { cutout, mirrorImage, randomResizedCrop, sampleCrop } from './augment-geometry.js';
import type { RgbImage } from './image-shape.js';
import { noise, picture, pillowSuite, pixelsOf, runPillow, type PillowCase } from './pillow.fixture.js';
import { randAugment } from './rand-augment.js';
import { resample } from './resample.js';

const image = (height: number, width: number, ...pixels: number[]): RgbImage => ({
  height,
  width,
  pixels: Uint8Array.from(pixels),
});
const ALL: AugmentOptions = {
  crop: { height: 24, width: 32 },
  flip: 0.5,
  colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4 },
  randAugment: {},
  cutout: { size: 0.3, fill: [124, 116, 104], probability: 0.5 },
};

describe('adjust-color', () => {
  const pixel = image(1, 1, 100, 200, 40);

  it('multiplies brightness', () => {
    expect([...adjustBrightness(pixel, 0.5).pixels]).toEqual([50, 100, 20]);
    expect([...adjustBrightness(pixel, 1.5).pixels]).toEqual([150, 255, 60]);
  });

  it('moves values from the mean luma', () => {
    // luma .299 · 100 + .587 · 200 + .114 · 40 = 151.9
    expect([...adjustContrast(pixel, 0).pixels]).toEqual([152, 152, 152]);
    expect([...adjustContrast(pixel, 2).pixels]).toEqual([48, 248, 0]);
    expect([...adjustSaturation(pixel, 0.5).pixels]).toEqual([126, 176, 96]);
  });

  it('smooths all but the border', () => {
    const dot = image(3, 3, ...new Array<number>(27).fill(0));
    dot.pixels[12] = 130;
    const out = adjustSharpness(dot, 0);
    expect(out.pixels[12]).toBe(50); // 5 of 13 parts
    expect(out.pixels.reduce((sum, value) => sum + value, 0)).toBe(50);
  });
});

describe('adjust-levels', () => {
  it('keeps high bits', () => {
    expect([...posterize(image(1, 1, 255, 129, 63), 2).pixels]).toEqual([192, 128, 0]);
  });

  it('inverts what is bright', () => {
    expect([...solarize(image(1, 1, 127, 128, 250), 128).pixels]).toEqual([127, 127, 5]);
  });

  it('stretches each channel, but not one of a single level', () => {
    expect([...autocontrast(image(1, 2, 10, 5, 0, 60, 5, 255)).pixels]).toEqual([0, 5, 0, 255, 5, 255]);
  });

  it('leaves an image alone that has too few pixels to be equalised', () => {
    expect([...equalize(image(1, 1, 1, 2, 3)).pixels]).toEqual([1, 2, 3]);
  });
});

describe('mirrorImage', () => {
  it('turns rows around and keeps colours', () => {
    expect([...mirrorImage(image(2, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)).pixels]).toEqual([
      4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9,
    ]);
  });
});

describe('sampleCrop', () => {
  it('stays inside, and within scale and ratio', () => {
    const random = new Random(1);
    const sides = { height: 300, width: 400 };
    const areas: number[] = [];
    for (let i = 0; i < 500; i++) {
      const crop = sampleCrop(sides, { ...sides, scale: [0.2, 0.6], ratio: [0.5, 2] }, random);
      expect(crop.top + crop.height).toBeLessThanOrEqual(300);
      expect(crop.left + crop.width).toBeLessThanOrEqual(400);
      expect(Math.abs(Math.log(crop.width / crop.height))).toBeLessThan(Math.log(2) + 0.02);
      areas.push((crop.height * crop.width) / (300 * 400));
    }
    expect(Math.min(...areas)).toBeGreaterThan(0.195);
    expect(Math.max(...areas)).toBeLessThan(0.605);
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    expect(mean).toBeGreaterThan(0.36); // uniform: 0.4, but the largest fit less often
    expect(mean).toBeLessThan(0.42);
  });

  it('takes the middle when nothing fits', () => {
    const options = { height: 1, width: 1 };
    expect(sampleCrop({ height: 10, width: 100 }, { ...options, scale: [1, 1] }, new Random(1))).toEqual({
      top: 0,
      left: 43, // 10 · 4/3 = 13 wide
      height: 10,
      width: 13,
    });
    expect(sampleCrop({ height: 100, width: 10 }, { ...options, scale: [1, 1] }, new Random(1))).toEqual({
      top: 43,
      left: 0,
      height: 13,
      width: 10,
    });
  });

  it('is cut out before it is resized', () => {
    const source = noise(40, 50, 3);
    const options = { height: 16, width: 16 };
    const { top, left, height, width } = sampleCrop(source, options, new Random(5));
    const rows = Array.from({ length: height }, (_, y) =>
      source.pixels.slice(((top + y) * 50 + left) * 3, ((top + y) * 50 + left + width) * 3),
    ).flatMap((row) => [...row]);
    const expected = resample(Uint8Array.from(rows), { height, width, channels: 3 }, options, 'bilinear');
    expect(randomResizedCrop(source, options, new Random(5)).pixels).toEqual(expected);
  });
});

describe('cutout', () => {
  it('covers a square, cut off at the border', () => {
    const white = image(10, 20, ...new Array<number>(600).fill(255));
    const counts = new Set<number>();
    const random = new Random(1);
    for (let i = 0; i < 2000; i++) {
      const { pixels } = cutout(white, { size: 0.4, fill: [1, 2, 3] }, random);
      counts.add(pixels.filter((value, i) => value === (i % 3) + 1).length / 3);
    }
    expect(Math.max(...counts)).toBe(16);
    expect(Math.min(...counts)).toBe(4); // at a corner
  });
});

describe('randAugment', () => {
  it('does as much as its magnitude says', () => {
    const source = picture(20, 20);
    const change = (magnitude: number, seed: number) => {
      const out = randAugment(source, { numOperations: 1, magnitude }, new Random(seed));
      return out.pixels.reduce((sum, value, i) => sum + Math.abs(value - source.pixels[i]!), 0);
    };
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const unchanged = (magnitude: number) => seeds.filter((seed) => change(magnitude, seed) === 0).length;
    expect(unchanged(30)).toBeGreaterThan(0); // identity
    expect(unchanged(30)).toBeLessThan(20);
    expect(unchanged(0)).toBeGreaterThan(35); // all but autocontrast and equalize do nothing
  });
});

describe('augment', () => {
  it('depends on seed, epoch and row alone', () => {
    const source = picture(60, 80);
    const draw = (seed: number, epoch: number, row: number) =>
      augment(source, ALL, augmentRandom(seed, epoch, row)).pixels;
    expect(draw(1, 2, 3)).toEqual(draw(1, 2, 3));
    for (const other of [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)])
      expect(other).not.toEqual(draw(1, 2, 3));
  });

  it('keeps the other steps when one is left out', () => {
    const source = picture(60, 80);
    const { crop, flip } = ALL;
    for (let row = 0; row < 10; row++) {
      const both = augment(source, { crop, flip }, augmentRandom(1, 0, row));
      const cropped = augment(source, { crop }, augmentRandom(1, 0, row));
      expect([cropped, mirrorImage(cropped)]).toContainEqual(both);
    }
  });

  it('never changes its input', () => {
    const source = picture(60, 80);
    const before = source.pixels.slice();
    for (let row = 0; row < 20; row++) {
      const out = augment(source, { ...ALL, crop: undefined }, augmentRandom(1, 0, row));
      expect(out.pixels).not.toBe(source.pixels);
    }
    expect(augment(source, {}, new Random(1)).pixels).not.toBe(source.pixels);
    expect(source.pixels).toEqual(before);
  });

  it('flips and covers as often as asked', () => {
    const source = picture(8, 8);
    const flips = Array.from({ length: 300 }, (_, row) =>
      augment(source, { flip: 0.3 }, augmentRandom(1, 0, row)),
    );
    const share =
      flips.filter(({ pixels }) => !Buffer.from(pixels).equals(Buffer.from(source.pixels))).length / 300;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.38);
  });

  it('jitters no more than the ranges allow', () => {
    const grey = image(1, 1, 100, 100, 100);
    const values = Array.from(
      { length: 200 },
      (_, row) => colorJitter(grey, { brightness: 0.2 }, augmentRandom(1, 0, row)).pixels[0]!,
    );
    expect(Math.min(...values)).toBeLessThan(83);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(79); // the fraction is cut off
    expect(Math.max(...values)).toBeGreaterThan(117);
    expect(Math.max(...values)).toBeLessThanOrEqual(120);
  });

  it('jitters in any order', () => {
    const source = picture(20, 30);
    const options = { contrast: 0.5, saturation: 0.5 };
    const orders = Array.from({ length: 20 }, (_, row) => {
      const random = augmentRandom(1, 0, row);
      const [, contrast, saturation] = [0, 0.5, 0.5].map((range) => 1 - range + 2 * range * random.uniform());
      const out = colorJitter(source, options, augmentRandom(1, 0, row)).pixels;
      const first = adjustSaturation(adjustContrast(source, contrast!), saturation!).pixels;
      const second = adjustContrast(adjustSaturation(source, saturation!), contrast!).pixels;
      return [first, second].findIndex((pixels) => Buffer.from(pixels).equals(Buffer.from(out)));
    });
    expect(new Set(orders)).toEqual(new Set([0, 1]));
  });
});

pillowSuite('augmentation and Pillow', () => {
  it('agree to the bit', () => {
    const images = [
      noise(23, 31, 3),
      picture(64, 48),
      noise(2, 9, 3, 4),
      noise(1, 1, 3, 5),
      picture(120, 90, 3, 2),
    ];
    const factors = [0, 0.1, 0.33, 0.7, 1, 1.27, 1.9, 3];
    const enhance = {
      brightness: adjustBrightness,
      contrast: adjustContrast,
      saturation: adjustSaturation,
      sharpness: adjustSharpness,
    };
    const runs: { call: PillowCase; own: RgbImage }[] = images.flatMap((one) => [
      ...Object.entries(enhance).flatMap(([operation, adjust]) =>
        factors.map((factor) => ({
          call: { operation, image: one, options: { factor } },
          own: adjust(one, factor),
        })),
      ),
      ...[1, 3, 8].map((bits) => ({
        call: { operation: 'posterize', image: one, options: { bits } },
        own: posterize(one, bits),
      })),
      ...[0, 76.5, 128, 256].map((threshold) => ({
        call: { operation: 'solarize', image: one, options: { threshold } },
        own: solarize(one, threshold),
      })),
      { call: { operation: 'autocontrast', image: one }, own: autocontrast(one) },
      { call: { operation: 'equalize', image: one }, own: equalize(one) },
      { call: { operation: 'mirror', image: one }, own: mirrorImage(one) },
    ]);
    const references = runPillow(runs.map(({ call }) => call));
    const different = runs.filter(
      ({ own }, i) => !Buffer.from(own.pixels).equals(Buffer.from(pixelsOf(references[i]!))),
    );
    expect(
      different.map(
        ({
          call: {
            operation,
            options,
            image: { height },
          },
        }) => ({ operation, options, height }),
      ),
    ).toEqual([]);
  });
});
