import {
  largestDifference,
  noise,
  pillowSuite,
  pixelsOf,
  runPillow,
  type PillowCase,
} from './pillow.fixture.js';
import { resample, type Box } from './resample.js';
import { RESAMPLE_FILTERS, type ResampleFilter } from './resample-filter.js';

const row = (...values: number[]) => Uint8Array.from(values);
const ROW_OF_2 = { height: 1, width: 2, channels: 1 } as const;
const ROW_OF_4 = { height: 1, width: 4, channels: 1 } as const;

describe('resample', () => {
  it.each([
    // outputs lie at -0.25, 0.25, 0.75 and 1.25 of the way from the first pixel to the second; at the ends there is one
    ['bilinear', [0, 25, 75, 100]],
    ['box', [0, 0, 100, 100]],
    ['nearest', [0, 0, 100, 100]],
    // 1/4 from a pixel the weights are .8671875 and .2265625, or -.0703125 outside; they are divided by their sum
    ['bicubic', [0, 21, 79, 109]],
  ] as const)('doubles 2 pixels by %s', (filter, expected) => {
    expect([...resample(row(0, 100), ROW_OF_2, { height: 1, width: 4 }, filter)]).toEqual(expected);
  });

  it.each([
    ['box', [15, 70]], // means of 10, 20 and of 60, 80
    ['nearest', [20, 80]], // the pixels at 1 and 3
    // the filter is twice as wide: weights 3, 3, 1 of 7 for what lies 0.5, 0.5 and 1.5 from the centre
    ['bilinear', [21, 63]], // (30 + 60 + 60) / 7 = 21.4, (20 + 180 + 240) / 7 = 62.9
  ] as const)('halves 4 pixels by %s', (filter, expected) => {
    expect([...resample(row(10, 20, 60, 80), ROW_OF_4, { height: 1, width: 2 }, filter)]).toEqual(expected);
  });

  it('filters rows as it filters columns', () => {
    const pixels = row(10, 20, 60, 80);
    const column = resample(
      pixels,
      { height: 4, width: 1, channels: 1 },
      { height: 2, width: 1 },
      'bilinear',
    );
    expect([...column]).toEqual([21, 63]);
  });

  it('keeps channels apart', () => {
    const pixels = row(0, 10, 200, 100, 30, 0);
    const out = resample(pixels, { height: 1, width: 2, channels: 3 }, { height: 1, width: 1 }, 'box');
    expect([...out]).toEqual([50, 20, 100]);
  });

  it('gives transparent pixels no weight', () => {
    const pixels = row(200, 0, 0, 255, 0, 0, 255, 0);
    const out = resample(pixels, { height: 1, width: 2, channels: 4 }, { height: 1, width: 1 }, 'box');
    expect([...out]).toEqual([199, 0, 0, 128]); // 100 of 128: 100 * 255 / 128 = 199.2
  });

  it('computes a window as a part of the whole', () => {
    const image = noise(40, 30, 3);
    const size = { height: 17, width: 23 };
    for (const filter of RESAMPLE_FILTERS) {
      const whole = resample(image.pixels, image, size, filter);
      const window = { top: 4, left: 5, height: 6, width: 7 };
      const part = resample(image.pixels, image, { ...size, window }, filter);
      const expected = Array.from({ length: 6 }, (_, y) =>
        whole.slice(((y + 4) * 23 + 5) * 3, ((y + 4) * 23 + 12) * 3),
      ).flatMap((line) => [...line]);
      expect([...part]).toEqual(expected);
    }
  });

  it('gives back a large memory, and goes on', () => {
    const large = noise(1, 4, 3);
    expect(resample(large.pixels, large, { height: 5000, width: 5000 }, 'bilinear')).toHaveLength(75_000_000);
    expect(resample(large.pixels, large, { height: 1, width: 2 }, 'bilinear')).toHaveLength(6);
  });

  it.each([
    ['too few pixels', row(1), ROW_OF_2, { height: 1, width: 1 }],
    ['no rows', row(1, 2), ROW_OF_2, { height: 0, width: 1 }],
    ['a side that is no whole number', row(1, 2), ROW_OF_2, { height: 1, width: 1.5 }],
    ['a box that is empty', row(1, 2), ROW_OF_2, { height: 1, width: 1, box: box(0, 1, 1, 1) }],
    ['a box outside', row(1, 2), ROW_OF_2, { height: 1, width: 1, box: box(0, 0, 1, 2.5) }],
    [
      'a window outside',
      row(1, 2),
      ROW_OF_2,
      { height: 1, width: 1, window: { top: 0, left: 0, height: 2, width: 1 } },
    ],
  ])('refuses %s', (_, pixels, shape, target) => {
    expect(() => resample(pixels, shape, target, 'bilinear')).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
    );
  });
});

pillowSuite('resample and Pillow', () => {
  it('agree to the bit over sizes, channels and filters', () => {
    const sizes = [
      [1, 1, 1, 1],
      [1, 1, 5, 3],
      [2, 3, 1, 1],
      [5, 7, 5, 3],
      [5, 7, 9, 7],
      [13, 17, 29, 31],
      [37, 64, 16, 16],
      [64, 37, 7, 50],
      [100, 3, 33, 8],
      [192, 256, 224, 224],
      [299, 401, 32, 32],
      [700, 3, 10, 2],
      [1, 900, 3, 40],
      [3, 900, 3, 17], // only columns change
      [450, 4, 99, 4], // only rows change, and it is tall
      [501, 5, 100, 9], // taller than 100 widths: rows first
    ];
    expectEqual(
      sizes.flatMap(([height, width, outHeight, outWidth], i) =>
        ([1, 3, 4] as const).flatMap((channels) =>
          RESAMPLE_FILTERS.map((filter) => ({
            image: noise(height!, width!, channels, i + 1),
            target: { height: outHeight!, width: outWidth! },
            filter,
          })),
        ),
      ),
    );
  });

  it('agree to the bit over boxes', () => {
    const boxes = [
      box(0, 0, 40, 50),
      box(10, 5, 20, 30),
      box(10, 5, 26, 24), // as large as the target: a crop
      box(0.25, 0.5, 39.75, 49.1),
      box(3.3, 7.7, 4.4, 9.9),
      box(12, 0, 28, 50),
      box(0, 31, 40, 50), // as wide as the target
    ];
    expectEqual(
      boxes.flatMap((one) =>
        ([1, 3, 4] as const).flatMap((channels) =>
          RESAMPLE_FILTERS.map((filter) => ({
            image: noise(40, 50, channels, 9),
            target: { height: 16, width: 19, box: one },
            filter,
          })),
        ),
      ),
    );
  });

  it('agree to the bit on random sizes and boxes', () => {
    let state = 7;
    const below = (n: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state / 2 ** 32) * n;
    };
    const cases = Array.from({ length: 150 }, (_, i) => {
      const image = noise(1 + Math.floor(below(90)), 1 + Math.floor(below(90)), i % 2 === 0 ? 3 : 1, i);
      const top = below(image.height * 0.5);
      const left = below(image.width * 0.5);
      const bottom = top + below(image.height - top) + 0.01;
      const right = left + below(image.width - left) + 0.01;
      const fits = bottom <= image.height && right <= image.width;
      const target = { height: 1 + Math.floor(below(120)), width: 1 + Math.floor(below(120)) };
      const filter = RESAMPLE_FILTERS[i % RESAMPLE_FILTERS.length]!;
      return {
        image,
        filter,
        target: fits && i % 3 > 0 ? { ...target, box: box(top, left, bottom, right) } : target,
      };
    });
    expectEqual(cases);
  });
});

interface Case {
  image: ReturnType<typeof noise>;
  target: { height: number; width: number; box?: Box };
  filter: ResampleFilter;
}

/** Expects what Pillow gives. */
function expectEqual(cases: Case[]): void {
  const references = runPillow(
    cases.map(({ image, target: { height, width, box: part }, filter }): PillowCase => ({
      operation: 'resize',
      image,
      options: {
        height,
        width,
        filter,
        box: part === undefined ? null : [part.left, part.top, part.right, part.bottom],
      },
    })),
  );
  const different = cases.flatMap(({ image, target, filter }, i) => {
    const own = resample(image.pixels, image, target, filter);
    const difference = largestDifference(own, pixelsOf(references[i]!));
    const { height, width, channels } = image;
    return difference === 0 ? [] : [{ height, width, channels, target, filter, difference }];
  });
  expect(references).toHaveLength(cases.length);
  expect(different).toEqual([]);
}

function box(top: number, left: number, bottom: number, right: number): Box {
  return { top, left, bottom, right };
}
