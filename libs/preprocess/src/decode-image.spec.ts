import sharp from 'sharp';
import { decodeImage, type ImageInput } from './decode-image.js';
import { IMAGE_FORMATS } from './sniff-format.js';

const SIZE: ImageInput = {
  ...{ height: 2, width: 3, maxImagePixels: 100 },
  ...{ resize: { fit: 'stretch' }, filter: 'lanczos', shrinkOnLoad: false },
};
const RED = { r: 255, g: 0, b: 0 };

/** An image of one colour. */
const flat = (width: number, height: number, background: object = RED, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: background as never } });

/** A raw image whose rows have these grey values. */
const rows = (values: number[]) =>
  sharp(Buffer.from(values.flatMap((v) => [v, v, v])), {
    raw: { width: 1, height: values.length, channels: 3 },
  });

describe('decodeImage', () => {
  it('gives height × width × RGB', async () => {
    const pixels = await decodeImage(await flat(7, 5).png().toBuffer(), SIZE);
    expect([...pixels]).toEqual(Array.from({ length: 6 }, () => [255, 0, 0]).flat());
  });

  it('resizes by the policy and the filter that are asked for', async () => {
    const bytes = await rows([0, 100, 200, 80]).png().toBuffer(); // 1 wide, 4 high
    const greys = async (input: Partial<ImageInput>): Promise<number[]> => {
      const pixels = await decodeImage(bytes, { ...SIZE, height: 2, width: 1, ...input });
      return [...pixels].filter((_, i) => i % 3 === 0);
    };
    expect(await greys({ filter: 'box' })).toEqual([50, 140]);
    expect(await greys({ filter: 'nearest' })).toEqual([100, 80]);
    const cover = { fit: 'cover', crop: 'torchvision' } as const;
    expect(await greys({ filter: 'nearest', resize: cover })).toEqual([100, 200]);
    const contain: ImageInput['resize'] = { fit: 'contain', background: [9, 9, 9] };
    expect(await greys({ filter: 'box', width: 3, resize: contain })).toEqual([
      ...[9, 50, 9],
      ...[9, 140, 9],
    ]);
  });

  it('decodes a large JPEG at part of its size when asked to, which changes few levels', async () => {
    const gradient = Uint8Array.from({ length: 90 * 120 * 3 }, (_, i) => ((i / 3) % 120) + 60 * (i % 3));
    const bytes = await sharp(gradient, { raw: { width: 120, height: 90, channels: 3 } })
      .jpeg()
      .toBuffer();
    const input = { ...SIZE, height: 8, width: 10, maxImagePixels: 20_000 };
    const exact = await decodeImage(bytes, input);
    const shrunk = await decodeImage(bytes, { ...input, shrinkOnLoad: true });
    expect(shrunk).not.toEqual(exact);
    expect(Math.max(...shrunk.map((value, i) => Math.abs(value - (exact[i] ?? 0))))).toBeLessThan(12);
    const cover: ImageInput['resize'] = { fit: 'cover', shortestEdge: 40, crop: 'torchvision' };
    const large = { ...input, resize: cover, shrinkOnLoad: true }; // 90 is no three times 40
    expect(await decodeImage(bytes, large)).toEqual(
      await decodeImage(bytes, { ...large, shrinkOnLoad: false }),
    );
  });

  it('lays transparency on white', async () => {
    const bytes = await flat(2, 2, { r: 0, g: 0, b: 0, alpha: 0 }, 4).png().toBuffer();
    expect([...(await decodeImage(bytes, { ...SIZE, height: 1, width: 1 }))]).toEqual([255, 255, 255]);
  });

  it('turns the image upright by its EXIF orientation', async () => {
    const upsideDown = await rows([0, 255]).png().withMetadata({ orientation: 3 }).toBuffer();
    const pixels = await decodeImage(upsideDown, { ...SIZE, height: 2, width: 1 });
    expect([...pixels]).toEqual([255, 255, 255, 0, 0, 0]);
  });

  it.each([
    ['grey', () => flat(4, 4, { r: 90, g: 90, b: 90 }).toColourspace('b-w').png().toBuffer()],
    ['16 bit', () => flat(4, 4, { r: 90, g: 90, b: 90 }).toColourspace('rgb16').png().toBuffer()],
    ['palette', () => flat(4, 4, { r: 90, g: 90, b: 90 }).png({ palette: true }).toBuffer()],
    ['WebP', () => flat(4, 4, { r: 90, g: 90, b: 90 }).webp({ lossless: true }).toBuffer()],
  ])('reads %s images as 8-bit RGB', async (_, make) => {
    const pixels = await decodeImage(await make(), SIZE);
    expect(pixels).toHaveLength(18);
    for (const value of pixels) expect(Math.abs(value - 90)).toBeLessThanOrEqual(1);
  });

  it('refuses more pixels than allowed, whatever the size of the file', async () => {
    const bytes = await flat(20, 6).png().toBuffer();
    await expect(decodeImage(bytes, SIZE)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringContaining('20 × 6 = 120') as string,
    });
    await expect(decodeImage(bytes, { ...SIZE, maxImagePixels: 120 })).resolves.toHaveLength(18);
  });

  it.each(IMAGE_FORMATS)('decodes %s, as its messages promise', async (format) => {
    const bytes = await flat(4, 4)
      .toFormat(format.toLowerCase() as 'png')
      .toBuffer();
    expect(await decodeImage(bytes, SIZE)).toHaveLength(18);
  });

  it.each([
    ['heic', 'An image is HEIC; expected one of JPEG, PNG, WebP, GIF, TIFF, AVIF.'],
    ['heix', 'An image is HEIC; expected one of'],
  ])('does not offer heif in one message and AVIF in the other: %s', async (brand, message) => {
    const bytes = Buffer.concat([
      Buffer.from([0, 0, 0, 24]),
      Buffer.from(`ftyp${brand}\0\0\0\0${brand}mif1`),
    ]);
    await expect(decodeImage(bytes, SIZE)).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining(message) as string,
    });
    await expect(decodeImage(Buffer.from([0xff, 0xd8, 0xff]), SIZE)).rejects.toMatchObject({
      message: expect.stringContaining('JPEG, PNG, WebP, GIF, TIFF, AVIF') as string,
    });
  });

  it('refuses an SVG before libvips draws it', async () => {
    // libvips would name the format; the first bytes do not
    await expect(decodeImage(Buffer.from('<svg width="9" height="9"/>'), SIZE)).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('of an unknown format') as string,
    });
  });

  it.each([
    ['no image', () => Promise.resolve(Buffer.from('<html>not found</html>'))],
    ['nothing', () => Promise.resolve(Buffer.alloc(0))],
    [
      'an SVG, which could run',
      () => Promise.resolve(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>')),
    ],
    ['a JPEG that ends early', async () => (await noise().jpeg().toBuffer()).subarray(0, 400)],
  ])('refuses %s', async (_, make) => {
    await expect(decodeImage(await make(), { ...SIZE, maxImagePixels: 10_000 })).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
    });
  });
});

/** An image that does not compress well. */
function noise(): sharp.Sharp {
  const values = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 2654435761) >>> 24);
  return sharp(values, { raw: { width: 64, height: 64, channels: 3 } });
}
