import sharp from 'sharp';
import { drawItem } from './draw-item.js';
import type { PhotoPlan } from './photo-plan.js';
import { drawProp } from './draw-prop.js';
import { drawSetting } from './draw-setting.js';

/** The scene without noise. It holds no text: fonts differ from machine to machine. */
export function photoSvg(plan: PhotoPlan): string {
  const { width, height, rotation, scale, propRotation, propScale, propX, propY } = plan;
  const side = Math.min(width, height);
  const place = (x: number, y: number, degrees: number, size: number): string =>
    `translate(${x} ${y}) rotate(${degrees}) scale(${(size * side) / 100}) translate(-50 -50)`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    `<g transform="scale(${width / 100} ${height / 100})">${drawSetting(plan.setting, plan.backgroundHue)}</g>`,
    `<g transform="${place(width / 2, height / 2, rotation, scale)}">${drawItem(plan.shape, plan.itemHue)}</g>`,
    `<g transform="${place(propX * width, propY * height, propRotation, propScale)}">${drawProp(plan.prop, plan.propHue)}</g>`,
    '</svg>',
  ].join('');
}

/**
 * Adds sensor noise in place: the sum of two uniform numbers, scaled to the wanted deviation.
 *
 * @param pixel_HWC uint8 colours
 * @see Marsaglia 2003, "Xorshift RNGs" (the generator; it is fast and each photo seeds its own)
 */
export function addNoise(pixel_HWC: Uint8Array, { noise, noiseSeed, exposure }: PhotoPlan): void {
  const width = noise * Math.sqrt(6); // a sum of two uniforms on [-½, ½] has variance 1/6
  let state = noiseSeed | 1;
  for (let i = 0; i < pixel_HWC.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sum = ((state & 0xffff) + (state >>> 16)) / 65536 - 1;
    pixel_HWC[i] = Math.max(0, Math.min(255, Math.round((pixel_HWC[i] ?? 0) * exposure + width * sum)));
  }
}

/** JPEG bytes of a planned photo. */
export async function renderPhoto(plan: PhotoPlan): Promise<Buffer> {
  const { width, height } = plan;
  const pixel_HWC = await sharp(Buffer.from(photoSvg(plan)))
    .flatten()
    .removeAlpha()
    .raw()
    .toBuffer();
  addNoise(pixel_HWC, plan);
  const photo = sharp(pixel_HWC, { raw: { width, height, channels: 3 } });
  return (plan.mirrored ? photo.flop() : photo).jpeg({ quality: plan.jpegQuality }).toBuffer();
}
