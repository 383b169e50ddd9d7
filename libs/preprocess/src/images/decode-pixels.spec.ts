import sharp from 'sharp';
import { decodePixels } from './decode-pixels.js';
import { picture, type TestImage } from './pillow.fixture.js';

const from = ({ pixels, height, width, channels }: TestImage) =>
  sharp(pixels, { raw: { height, width, channels: channels as 3 } });
const RED_AND_BLUE = {
  height: 1,
  width: 2,
  channels: 3,
  pixels: Uint8Array.of(255, 0, 0, 0, 0, 255),
} as const;
const invalid = expect.objectContaining({ code: 'IMAGE_INVALID' }) as Error;

/** A JPEG whose header says that it has other sides. */
async function withSides(height: number, width: number): Promise<Buffer> {
  const bytes = await from(picture(64, 64)).jpeg().toBuffer();
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

describe('decodePixels', () => {
  it('gives the pixels row by row', async () => {
    const image = picture(5, 7);
    expect(await decodePixels(await from(image).png().toBuffer())).toEqual({
      height: 5,
      width: 7,
      pixels: image.pixels,
    });
  });

  it('decodes one pixel', async () => {
    const bytes = await from({ height: 1, width: 1, channels: 3, pixels: Uint8Array.of(1, 2, 3) })
      .png()
      .toBuffer();
    expect(await decodePixels(bytes)).toEqual({ height: 1, width: 1, pixels: Uint8Array.of(1, 2, 3) });
  });

  it.each([
    [3, { height: 1, width: 2, pixels: Uint8Array.of(0, 0, 255, 255, 0, 0) }], // half a turn
    [6, { height: 2, width: 1, pixels: Uint8Array.of(255, 0, 0, 0, 0, 255) }], // a quarter: left goes up
    [2, { height: 1, width: 2, pixels: Uint8Array.of(0, 0, 255, 255, 0, 0) }], // mirrored
  ])('turns the image upright by EXIF orientation %i', async (orientation, expected) => {
    const bytes = await from(RED_AND_BLUE).png().withMetadata({ orientation }).toBuffer();
    expect(await decodePixels(bytes)).toEqual(expected);
  });

  it('lays transparency on white', async () => {
    const pixels = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 51);
    const bytes = await sharp(pixels, { raw: { height: 1, width: 2, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decodePixels(bytes)).pixels]).toEqual([255, 255, 255, 204, 204, 204]);
  });

  it.each(['gif', 'webp'] as const)('takes the first frame of an animation: %s', async (format) => {
    const green = { ...RED_AND_BLUE, pixels: Uint8Array.of(0, 255, 0, 0, 255, 0) };
    const frames = await Promise.all([RED_AND_BLUE, green].map((image) => from(image).png().toBuffer()));
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { lossless: true })
      .toBuffer();
    expect((await sharp(bytes, { pages: -1 }).metadata()).pages).toBe(2);
    expect(await decodePixels(bytes)).toEqual({ height: 1, width: 2, pixels: RED_AND_BLUE.pixels });
  });

  it.each([
    ['grey', (image: sharp.Sharp) => image.toColourspace('b-w').png(), 1],
    ['16 bits', (image: sharp.Sharp) => image.toColourspace('rgb16').png(), 1],
    ['CMYK', (image: sharp.Sharp) => image.toColourspace('cmyk').jpeg({ quality: 100 }), 20],
  ])('reads %s as 8-bit RGB', async (_, encode, tolerance) => {
    const image = { height: 4, width: 4, channels: 3, pixels: new Uint8Array(48).fill(90) } as const;
    const { pixels } = await decodePixels(await encode(from(image)).toBuffer());
    expect(pixels).toHaveLength(48);
    for (const value of pixels) expect(Math.abs(value - 90)).toBeLessThanOrEqual(tolerance);
  });

  it('refuses an image bomb by its header', async () => {
    const bytes = await withSides(16_000, 16_000);
    await expect(decodePixels(bytes)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringContaining('16000 × 16000') as string,
    });
    await expect(decodePixels(bytes, { shrinkOnLoad: { height: 9, width: 9 } })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
    });
  });

  it('allows as many pixels as it is told, and no more', async () => {
    const bytes = await from(picture(20, 6)).png().toBuffer();
    await expect(decodePixels(bytes, { maxImagePixels: 120 })).resolves.toMatchObject({ height: 20 });
    await expect(decodePixels(bytes, { maxImagePixels: 119 })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
    });
  });

  it.each([
    ['text', () => Promise.resolve(Buffer.from('<html>not found</html>'))],
    ['nothing', () => Promise.resolve(Buffer.alloc(0))],
    [
      'an SVG',
      () => Promise.resolve(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>')),
    ],
    ['a JPEG that ends early', async () => (await from(picture(64, 64)).jpeg().toBuffer()).subarray(0, 700)],
    ['a PNG that ends early', async () => (await from(picture(64, 64)).png().toBuffer()).subarray(0, 300)],
    ['a JPEG without its end', async () => (await from(picture(64, 64)).jpeg().toBuffer()).subarray(0, -40)],
    ['the first bytes of a JPEG', () => Promise.resolve(Buffer.from([0xff, 0xd8, 0xff]))],
  ])('refuses %s', async (_, make) => {
    await expect(decodePixels(await make())).rejects.toThrow(invalid);
  });

  it('decodes a large JPEG at a part of its sides when told to', async () => {
    const bytes = await from(picture(400, 800)).jpeg({ quality: 95 }).toBuffer();
    const sides = async (height: number, width: number) => {
      const image = await decodePixels(bytes, { shrinkOnLoad: { height, width } });
      return [image.height, image.width];
    };
    expect(await sides(50, 50)).toEqual([80, 160]); // a fifth; a ninth would have 44 rows
    expect(await sides(134, 50)).toEqual([400, 800]);
    const whole = await decodePixels(bytes);
    expect([whole.height, whole.width]).toEqual([400, 800]);
  });

  it('decodes an upright JPEG at a part of its sides', async () => {
    const bytes = await from(picture(400, 800)).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const image = await decodePixels(bytes, { shrinkOnLoad: { height: 266, width: 50 } });
    expect([image.height, image.width]).toEqual([266, 133]);
  });
});
