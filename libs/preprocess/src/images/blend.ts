/**
 * The value at `factor` on the line from a to b, beyond them too, clipped to 0..255 and its fraction cut off: in single
 * precision, as `Image.blend` of Pillow.
 *
 * @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/libImaging/Blend.c
 */
export function blend(a: number, b: number, factor: number): number {
  const value = Math.fround(a + Math.fround(Math.fround(factor) * (b - a)));
  return value <= 0 ? 0 : value >= 255 ? 255 : value | 0; // cuts the fraction off
}
