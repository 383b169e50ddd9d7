import { AssayError, Random } from '@assay/core';
import sharp from 'sharp';
import { makeThumbnails } from './thumbnails.js';

const noise = (width: number, height: number, seed: number): Promise<Buffer> => {
  const random = new Random(seed);
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.integer(256));
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
};

describe('makeThumbnails', () => {
  it('shrinks to 192 pixels at most, never enlarges, and leaves out what it cannot read', async () => {
    const files: Record<string, Buffer> = {
      large: await noise(400, 100, 1),
      small: await noise(20, 30, 2),
      broken: Buffer.from('no image'),
    };
    const thumbnails = await makeThumbnails(['large', 'small', 'broken', 'large'], {
      readImage: (path) => Promise.resolve(files[path]!),
    });
    expect([...thumbnails].map(([path, { width, height }]) => [path, width, height])).toEqual([
      ['large', 192, 48],
      ['small', 20, 30],
    ]);
    const [, data = ''] = thumbnails.get('large')!.uri.split('data:image/webp;base64,');
    expect(await sharp(Buffer.from(data, 'base64')).metadata()).toMatchObject({ format: 'webp', width: 192 });
  });

  it('takes the first images until a page has enough, and each only once', async () => {
    const bytes = await noise(30, 30, 3);
    let reads = 0;
    const readImage = (): Promise<Uint8Array> => {
      reads++;
      return Promise.resolve(bytes);
    };
    const paths = Array.from({ length: 300 }, (_, i) => `${i}`);
    const thumbnails = await makeThumbnails([...paths.slice(0, 5), ...paths], { readImage }, 10_000);
    const size = [...thumbnails.values()].reduce((sum, { uri }) => sum + uri.length, 0);
    const each = thumbnails.get('0')!.uri.length;
    expect(size).toBeLessThanOrEqual(10_000);
    expect(size).toBeGreaterThan(10_000 - each);
    expect([...thumbnails.keys()]).toEqual(paths.slice(0, thumbnails.size));
    expect(reads).toBeLessThan(thumbnails.size + 5);
  });

  it('passes on an interruption', async () => {
    const readImage = (): Promise<Uint8Array> => Promise.reject(new AssayError('INTERRUPTED', 'stop'));
    await expect(makeThumbnails(['a'], { readImage })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
