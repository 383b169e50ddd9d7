import type { Random } from '@assay/core';
import type { InputArray, ModelInputs } from '@assay/preprocess';

/** Largest shift along an axis, as a share of the image's side. */
const MAX_SHIFT = 0.1;
/** Largest relative change of contrast, and of brightness as a share of the range. */
const MAX_TONE = 0.2;

/**
 * Mirrors, shifts and re-tones every image at random, so that a few hundred photos teach what they show and not
 * how they lie in the frame. Pixels shifted in repeat the border.
 *
 * @returns the same inputs with other `image_BIHWC`; the given ones are untouched
 */
export function augmentImages(inputs: ModelInputs, random: Random): ModelInputs {
  const image = inputs.image_BIHWC;
  if (image === undefined) return inputs;
  const [numRecords = 0, numImages = 0, height = 0, width = 0, channels = 0] = image.shape;
  const size = height * width * channels;
  const data = new Uint8Array(image.data.length);
  for (let n = 0; n < numRecords * numImages; n++) {
    const source = image.data.subarray(n * size, (n + 1) * size);
    redraw(source, data.subarray(n * size, (n + 1) * size), [height, width, channels], random);
  }
  return { ...inputs, image_BIHWC: { ...image, data } };
}

function redraw(
  source: InputArray['data'],
  target: Uint8Array,
  [height, width, channels]: [number, number, number],
  random: Random,
): void {
  const mirrored = random.bernoulli(0.5);
  const signed = (): number => 2 * random.uniform() - 1;
  const shiftY = Math.round(signed() * MAX_SHIFT * height);
  const shiftX = Math.round(signed() * MAX_SHIFT * width);
  const gain = 1 + signed() * MAX_TONE;
  const offset = 127.5 + signed() * MAX_TONE * 127.5 - 127.5 * gain;
  const tone = Uint8ClampedArray.from({ length: 256 }, (_, value) => value * gain + offset);
  for (let y = 0; y < height; y++) {
    const fromY = Math.min(height - 1, Math.max(0, y + shiftY));
    for (let x = 0; x < width; x++) {
      const shifted = Math.min(width - 1, Math.max(0, x + shiftX));
      const from = (fromY * width + (mirrored ? width - 1 - shifted : shifted)) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) target[to + c] = tone[source[from + c] ?? 0] ?? 0;
    }
  }
}
