import { preprocessSchema } from '@assay/config';
import { fitPreprocessor, type Preprocessor } from '@assay/preprocess';
import { requestEncoder } from './request-encoder.js';

/** A lossless WebP of one colour, whose pixels take no bits: its width and height are in bytes 21 to 24. */
const EMPTY_WEBP = Buffer.from('UklGRh4AAABXRUJQVlA4TBIAAAAvAAAAAIiICAAAAAAAAAAAAAA=', 'base64');

function emptyWebp(width: number, height: number): Buffer {
  const bytes = Buffer.from(EMPTY_WEBP);
  bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21);
  return bytes;
}
const SQUARE = emptyWebp(7071, 7071);

async function preprocessorOf(maxImagePixels: number): Promise<Preprocessor> {
  const config = {
    preprocess: preprocessSchema.parse({ image: { height: 8, width: 8, maxImages: 4 } }),
    data: { columns: { numeric: [], categorical: [] }, maxImagePixels },
  };
  return fitPreprocessor(config, (async function* () {})());
}
const records = (count: number, image: Buffer) => [
  { id: 'listing', text: {}, numeric: {}, categorical: {}, images: new Array<Buffer>(count).fill(image) },
];

describe('requestEncoder', () => {
  it('takes one image of the largest size, and no second one', async () => {
    const encode = requestEncoder(await preprocessorOf(50_000_000));
    await expect(encode(records(1, SQUARE))).resolves.toBeDefined();
    await expect(encode(records(2, SQUARE))).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringMatching(
        /^With listing\.images\[\d\] the images have more than 64000000 pixels/,
      ) as string,
    });
  });

  it('does not spend seconds on 10 KB of request that declare 256 images of 50 megapixels', async () => {
    const encode = requestEncoder(await preprocessorOf(50_000_000));
    const many = Array.from({ length: 64 }, () => records(4, SQUARE)).flat();
    const before = process.cpuUsage();
    await expect(encode(many)).rejects.toMatchObject({ httpStatus: 413 });
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(0.5);
  });

  it('takes every single image that training took', async () => {
    const large = await preprocessorOf(70_000_000);
    await expect(requestEncoder(large)(records(1, emptyWebp(8200, 8200)))).resolves.toBeDefined();
  });
});
