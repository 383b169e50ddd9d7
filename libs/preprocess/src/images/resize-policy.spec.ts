import {
  largestDifference,
  noise,
  picture,
  pillowSuite,
  pixelsOf,
  runPillow,
  type PillowCase,
  type PillowImage,
} from './pillow.fixture.js';
import { resizeImage, type ResizePolicy } from './resize-policy.js';

/** A row of RGB pixels with these grey values. */
const greyRow = (...values: number[]) => ({
  height: 1,
  width: values.length,
  pixels: Uint8Array.from(values.flatMap((v) => [v, v, v])),
});
const greys = ({ pixels }: { pixels: Uint8Array }) => [...pixels].filter((_, i) => i % 3 === 0);
const ONE = { height: 1, width: 1, filter: 'box' } as const;

describe('resizeImage', () => {
  it('stretches both sides', () => {
    const out = resizeImage(greyRow(0, 100), { fit: 'stretch', height: 2, width: 1, filter: 'box' });
    expect(out).toEqual({ height: 2, width: 1, pixels: new Uint8Array(6).fill(50) });
  });

  it.each([
    ['transformers', 20], // 3 pixels are left over: 1 before, 2 behind
    ['torchvision', 30], // 1.5 rounds to the even 2
  ] as const)('cuts an odd rest as %s does', (crop, grey) => {
    expect(greys(resizeImage(greyRow(10, 20, 30, 40), { ...ONE, fit: 'cover', crop }))).toEqual([grey]);
  });

  it('resizes the shorter side first when more is to be cut off', () => {
    const row = { height: 2, width: 4, pixels: greyRow(0, 40, 80, 120, 0, 40, 80, 120).pixels };
    const policy = { fit: 'cover', height: 2, width: 2, filter: 'nearest', crop: 'torchvision' } as const;
    expect(greys(resizeImage(row, policy))).toEqual([40, 80, 40, 80]);
    // 4 × 8 with each pixel twice, of which the middle 2 × 2 are cut
    expect(greys(resizeImage(row, { ...policy, shortestEdge: 4 }))).toEqual([40, 80, 40, 80]);
    expect(greys(resizeImage(row, { ...policy, height: 4, width: 4, shortestEdge: 4 })).slice(0, 4)).toEqual([
      40, 40, 80, 80,
    ]);
  });

  it('covers a target that is no square', () => {
    const image = noise(30, 40, 3);
    for (const [height, width] of [
      [10, 50],
      [50, 10],
      [40, 30],
      [3, 4],
    ] as const) {
      const out = resizeImage(image, {
        fit: 'cover',
        height,
        width,
        filter: 'bicubic',
        crop: 'transformers',
      });
      expect(out).toMatchObject({ height, width });
      expect(out.pixels).toHaveLength(height * width * 3);
    }
  });

  it('computes of a long image only what it keeps', () => {
    // whole, it would have 224 × 22,400,000 pixels
    const image = { height: 1, width: 100_000, pixels: new Uint8Array(300_000).fill(7) };
    const policy = { fit: 'cover', height: 224, width: 224, filter: 'bicubic', crop: 'torchvision' } as const;
    expect(new Set(resizeImage(image, policy).pixels)).toEqual(new Set([7]));
  });

  it('puts what it contains in the middle of the colour', () => {
    const out = resizeImage(greyRow(10, 20), {
      fit: 'contain',
      height: 4,
      width: 2,
      filter: 'nearest',
      background: [1, 1, 1],
    });
    expect(greys(out)).toEqual([1, 1, 1, 1, 10, 20, 1, 1]); // 1.5 rows above are rounded to the even 2
  });

  it('keeps a pixel of an image that is too long to be contained', () => {
    const image = { height: 1, width: 1000, pixels: new Uint8Array(3000).fill(9) };
    const out = resizeImage(image, {
      fit: 'contain',
      height: 3,
      width: 3,
      filter: 'box',
      background: [0, 0, 0],
    });
    expect(greys(out)).toEqual([0, 0, 0, 9, 9, 9, 0, 0, 0]);
  });

  it('refuses to cut more than there is', () => {
    const policy = { ...ONE, fit: 'cover', crop: 'torchvision', shortestEdge: 1, width: 2 } as const;
    expect(() => resizeImage(greyRow(1, 2), policy)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
    );
  });
});

pillowSuite('resizeImage and Pillow', () => {
  const images = [
    picture(192, 256),
    picture(256, 144),
    picture(97, 101),
    picture(101, 97),
    picture(50, 50),
    picture(20, 333),
    picture(5, 8),
  ];

  it('cover as torchvision and transformers do', () => {
    const cases = images.flatMap((image) =>
      [32, 33, 64].map((size): PillowCase => ({
        operation: 'cover',
        image,
        options: { size, filter: 'bicubic' },
      })),
    );
    const references = runPillow<Record<'torchvision' | 'transformers', PillowImage>>(cases);
    const differences = cases.flatMap(({ image, options }, i) =>
      (['torchvision', 'transformers'] as const).map((crop) => {
        const side = Number(options?.['size']);
        const policy: ResizePolicy = { fit: 'cover', height: side, width: side, filter: 'bicubic', crop };
        return largestDifference(resizeImage(image, policy).pixels, pixelsOf(references[i]![crop]));
      }),
    );
    expect(differences).toEqual(differences.map(() => 0));
  });

  it('contain as ImageOps.pad does', () => {
    const cases = images.flatMap((image) =>
      [
        [32, 32],
        [33, 20],
        [20, 33],
      ].map(([height, width]): PillowCase => ({
        operation: 'contain',
        image,
        options: { height, width, filter: 'lanczos', color: [124, 116, 104] },
      })),
    );
    const references = runPillow(cases);
    const differences = cases.map(({ image, options }, i) => {
      const policy: ResizePolicy = {
        fit: 'contain',
        height: Number(options?.['height']),
        width: Number(options?.['width']),
        filter: 'lanczos',
        background: [124, 116, 104],
      };
      return largestDifference(resizeImage(image, policy).pixels, pixelsOf(references[i]!));
    });
    expect(differences).toEqual(differences.map(() => 0));
  });
});
