import { ImageCache } from './image-cache.js';

const bytes = (value: number): Uint8Array => Uint8Array.of(value);

function countingCache(maxImages: number): { cache: ImageCache; decoded: number[] } {
  const decoded: number[] = [];
  const cache = new ImageCache(maxImages, (image) => {
    decoded.push(image[0] ?? 0);
    return image[0] === 13 ? Promise.reject(new Error('bad')) : Promise.resolve(image);
  });
  return { cache, decoded };
}

describe('ImageCache', () => {
  it('decodes equal bytes once, even at the same time', async () => {
    const { cache, decoded } = countingCache(2);
    await Promise.all([cache.get(bytes(1)), cache.get(bytes(1))]);
    expect(await cache.get(bytes(1))).toEqual(bytes(1));
    expect(decoded).toEqual([1]);
  });

  it('forgets the image that was not used for longest', async () => {
    const { cache, decoded } = countingCache(2);
    for (const value of [1, 2, 1, 3, 1, 2]) await cache.get(bytes(value));
    expect(decoded).toEqual([1, 2, 3, 2]);
  });

  it('does not remember a failure', async () => {
    const { cache, decoded } = countingCache(2);
    await expect(cache.get(bytes(13))).rejects.toThrow('bad');
    await expect(cache.get(bytes(13))).rejects.toThrow('bad');
    expect(decoded).toEqual([13, 13]);
  });

  it('remembers nothing when it has no room', async () => {
    const { cache, decoded } = countingCache(0);
    for (const value of [1, 1]) await cache.get(bytes(value));
    expect(decoded).toEqual([1, 1]);
  });
});
