// What each side does with the bytes of an image. All make 224 × 224 RGB, bicubic, both sides stretched.
const sharp = require('sharp');
const images = '../../libs/preprocess/dist/images';
const { decodePixels } = require(`${images}/decode-pixels.js`);
const { resizeImage } = require(`${images}/resize-policy.js`);
const { hashImage } = require(`${images}/perceptual-hash.js`);
const { pixelDigest } = require(`${images}/pixel-digest.js`);

sharp.concurrency(1);
sharp.cache(false);

const SIDES = { height: 224, width: 224 };
const POLICY = { fit: 'stretch', ...SIDES, filter: 'bicubic' };
const RESIZE = { ...SIDES, fit: 'fill', kernel: 'cubic' };
const prepare = (image) =>
  image.flatten({ background: '#ffffff' }).toColourspace('srgb').raw({ depth: 'uchar' });

async function decodeAndResize(bytes, options) {
  const image = await decodePixels(bytes, options);
  return { image, pixels: resizeImage(image, POLICY) };
}

module.exports = {
  own: async (bytes) => {
    const { image, pixels } = await decodeAndResize(bytes);
    return [pixels, hashImage(image)];
  },
  'own, no hash': async (bytes) => (await decodeAndResize(bytes)).pixels,
  'own, and digest': async (bytes) => {
    const { image, pixels } = await decodeAndResize(bytes);
    return [pixels, hashImage(image), pixelDigest(image)];
  },
  'own, shrink on load': async (bytes) => {
    const { image, pixels } = await decodeAndResize(bytes, { shrinkOnLoad: SIDES });
    return [pixels, hashImage(image)];
  },
  // one call: libvips decodes a JPEG at 1/2, 1/4 or 1/8 where that is enough
  sharp: (bytes) => prepare(sharp(bytes).autoOrient().resize(RESIZE)).toBuffer(),
  // all pixels are decoded, as hashes and Pillow's result need
  'sharp, whole decode': async (bytes) => {
    const { data, info } = await prepare(sharp(bytes).autoOrient()).toBuffer({ resolveWithObject: true });
    return sharp(data, { raw: { height: info.height, width: info.width, channels: 3 } })
      .resize(RESIZE)
      .raw()
      .toBuffer();
  },
};
