import { AssayError, Random } from '@assay/core';
import sharp from 'sharp';
import { ImageSample } from './image-facts.js';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#808080' } });

test('images are counted, and measured upright, by their headers', async () => {
  const files: Record<string, Uint8Array> = {
    'wide.png': await picture(20, 10).png().toBuffer(),
    'turned.jpg': await picture(20, 10).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
  };
  const images = new ImageSample(new Random(7));
  images.add({ images: [], imageDigests: [] });
  images.add({ images: ['wide.png', 'turned.jpg', 'unseen.svg'], imageDigests: ['a', 'b'] });
  images.add({ images: ['wide.png', 'gone.png'], imageDigests: ['a', 'c'] });
  images.add({ images: Array.from({ length: 12 }, () => 'unseen.svg'), imageDigests: [] });
  const read: string[] = [];
  const facts = await images.measure({
    readImage: (path) => {
      read.push(path);
      const bytes = files[path];
      return bytes === undefined
        ? Promise.reject(new AssayError('FILE_NOT_FOUND', 'gone'))
        : Promise.resolve(bytes);
    },
  });
  expect(read.sort()).toEqual(['gone.png', 'turned.jpg', 'wide.png', 'wide.png']);
  expect(facts).toMatchObject({
    total: 17,
    perRecord: [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1],
    sampled: 4,
    unreadable: 1,
    sizes: [
      { width: 20, height: 10, count: 2 },
      { width: 10, height: 20, count: 1 },
    ],
    formats: [
      { format: 'png', count: 2 },
      { format: 'jpeg', count: 1 },
    ],
  });
  expect(facts.fileBytes?.min).toBe(files['wide.png']!.length);
  expect(facts.fileBytes?.max).toBe(files['turned.jpg']!.length);
});

test('without a way to read images none is measured', async () => {
  const images = new ImageSample(new Random(7));
  images.add({ images: ['a.png'], imageDigests: ['a'] });
  expect(await images.measure({})).toMatchObject({ total: 1, sampled: 0, sizes: [], fileBytes: null });
});

test('a picture in AVIF is told from other pictures in its container', async () => {
  const images = new ImageSample(new Random(7));
  images.add({ images: ['a.avif'], imageDigests: ['a'] });
  const bytes = await picture(20, 10).avif().toBuffer();
  const { formats } = await images.measure({ readImage: () => Promise.resolve(bytes) });
  expect(formats).toEqual([{ format: 'avif', count: 1 }]);
});
