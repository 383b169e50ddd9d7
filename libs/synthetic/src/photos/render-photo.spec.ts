import { Random } from '@assay/core';
import sharp from 'sharp';
import { ITEM_SHAPES } from '../vocabulary/items.js';
import { planPhoto, PROPS, recyclePhoto, SETTINGS } from './photo-plan.js';
import { addNoise, photoSvg, renderPhoto } from './render-photo.js';

const plan = planPhoto(
  { path: 'photos/a.jpg', shape: 'mug', prop: 'dagger', settings: ['plain'], shopHue: 40 },
  new Random(1, 'photo'),
);
const meanDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;
const decode = (jpeg: Buffer): Promise<Buffer> => sharp(jpeg).raw().toBuffer();

test('a photo is a JPEG of the planned size', async () => {
  const wide = { ...plan, width: 160, height: 96 };
  expect(await sharp(await renderPhoto(wide)).metadata()).toMatchObject({
    format: 'jpeg',
    width: 160,
    height: 96,
    channels: 3,
  });
});

test('the same plan gives the same bytes', async () => {
  expect(await renderPhoto(plan)).toEqual(await renderPhoto(plan));
});

test('a mirrored photo is the photo seen in a mirror', async () => {
  const straight = await renderPhoto(plan);
  const mirrored = await decode(await renderPhoto({ ...plan, mirrored: true }));
  const flipped = await sharp(straight).flop().raw().toBuffer();
  expect(meanDifference(mirrored, flipped)).toBeLessThan(4);
  expect(meanDifference(mirrored, await decode(straight))).toBeGreaterThan(8);
});

test('every item, setting and prop draws something of its own', () => {
  const svgs = [
    ...ITEM_SHAPES.map((shape) => photoSvg({ ...plan, shape })),
    ...SETTINGS.slice(1).map((setting) => photoSvg({ ...plan, setting })),
    ...PROPS.filter((prop) => prop !== 'dagger').map((prop) => photoSvg({ ...plan, prop })),
  ];
  expect(new Set(svgs).size).toBe(16 + 7 + 10 + 0);
  for (const svg of svgs) expect(svg).not.toMatch(/undefined|NaN|<text/);
});

test('noise has the planned deviation and no bias', () => {
  const pixel_HWC = new Uint8Array(30_000).fill(128);
  addNoise(pixel_HWC, { ...plan, noise: 8, noiseSeed: 12345, exposure: 1 });
  const mean = pixel_HWC.reduce((sum, value) => sum + value, 0) / pixel_HWC.length;
  const variance = pixel_HWC.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixel_HWC.length;
  expect(mean).toBeCloseTo(128, 0);
  expect(Math.sqrt(variance)).toBeCloseTo(8, 0);
});

test('a recycled photo shows the same scene in a new file', () => {
  const again = recyclePhoto(plan, 'photos/b.jpg', new Random(1, 'recycle'));
  expect(again.path).toBe('photos/b.jpg');
  expect(again.jpegQuality).toBeLessThan(80);
  expect(photoSvg(again)).toBe(photoSvg(plan));
});
