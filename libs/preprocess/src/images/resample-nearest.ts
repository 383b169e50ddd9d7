import type { Axis } from './axis-weights.js';
import type { ImageShape } from './image-shape.js';

/**
 * Takes the nearest pixel, as Pillow does: positions are added up in double precision, and an output whose position lies
 * behind the image is 0.
 *
 * @see https://github.com/python-pillow/Pillow/blob/12.3.0/src/libImaging/Geometry.c (ImagingScaleAffine)
 */
export function resampleNearest(
  pixels_HWC: Uint8Array,
  { width, channels }: ImageShape,
  { rows, columns }: { rows: Axis; columns: Axis },
): Uint8Array {
  const sourceRows = nearestPixels(rows);
  const sourceColumns = nearestPixels(columns);
  const out_HWC = new Uint8Array(sourceRows.length * sourceColumns.length * channels);
  let at = 0;
  for (const y of sourceRows)
    for (const x of sourceColumns) {
      const from = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) out_HWC[at++] = y < 0 || x < 0 ? 0 : (pixels_HWC[from + c] ?? 0);
    }
  return out_HWC;
}

/** The source pixel of each wanted output; -1 where there is none. */
function nearestPixels({ size, start, end, outSize, from, to }: Axis): Int32Array {
  const scale = Math.fround(end - start) / outSize;
  const pixels = new Int32Array(to - from);
  let position = start + scale * 0.5;
  for (let i = 0; i < to; i++) {
    const pixel = Math.trunc(position);
    if (i >= from) pixels[i - from] = pixel < size ? pixel : -1;
    position += scale;
  }
  return pixels;
}
