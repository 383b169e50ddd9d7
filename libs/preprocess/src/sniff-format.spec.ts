import sharp from 'sharp';
import { sniffFormat } from './sniff-format.js';

const image = sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } });

describe('sniffFormat', () => {
  it.each([
    ['jpeg', 'JPEG'],
    ['png', 'PNG'],
    ['webp', 'WebP'],
    ['gif', 'GIF'],
    ['tiff', 'TIFF'],
    ['avif', 'AVIF'],
  ] as const)('knows what sharp writes as %s', async (format, expected) => {
    expect(sniffFormat(await image.clone().toFormat(format).toBuffer())).toBe(expected);
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['SVG behind another signature', '    ftypavif<svg/>'],
    ['PDF', '%PDF-1.7'],
    ['nothing', ''],
  ])('does not know %s', (_, text) => {
    expect(sniffFormat(Buffer.from(text))).toBeUndefined();
  });
});
