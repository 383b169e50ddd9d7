/**
 * Multiplies the colours of RGBA pixels by their alpha, so that filtering gives transparent ones no weight.
 *
 * @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/libImaging/Convert.c (rgbA2rgba)
 */
export function premultiply(pixels_HWC: Uint8Array): Uint8Array {
  const out_HWC = new Uint8Array(pixels_HWC.length);
  for (let i = 0; i < pixels_HWC.length; i += 4) {
    const alpha = pixels_HWC[i + 3] ?? 0;
    for (let c = i; c < i + 3; c++) {
      const product = (pixels_HWC[c] ?? 0) * alpha + 128;
      out_HWC[c] = ((product >> 8) + product) >> 8;
    }
    out_HWC[i + 3] = alpha;
  }
  return out_HWC;
}

/** Divides the colours of RGBA pixels by their alpha, in place; those of alpha 0 stay (rgba2rgbA). */
export function unpremultiply(pixels_HWC: Uint8Array): void {
  for (let i = 0; i < pixels_HWC.length; i += 4) {
    const alpha = pixels_HWC[i + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = i; c < i + 3; c++)
      pixels_HWC[c] = Math.min(255, Math.trunc((255 * (pixels_HWC[c] ?? 0)) / alpha));
  }
}
