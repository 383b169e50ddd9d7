import { augment, augmentRandom, type AugmentOptions } from '@assay/preprocess';
import type { BatchJob } from './assemble-batch.js';
import type { SlotArray, SlotLayout } from './batch-layout.js';

/** How the images of a batch are altered. */
export interface BatchAugmentation {
  seed: number;
  options: AugmentOptions;
}

/**
 * Alters the images of a batch in its slot. Each is altered by its place in the epoch: a record that is drawn twice is
 * altered twice, and neither threads nor a restart change anything. What the mask says is no image stays.
 */
export function augmentBatch(
  { arrays }: SlotLayout,
  { slot, rows, epoch, first }: BatchJob,
  { seed, options }: BatchAugmentation,
): void {
  const images = arrays.find(({ name }) => name === 'image_BIHWC');
  if (images === undefined) return;
  const [numImages = 1, height = 0, width = 0, channels = 3] = images.shape;
  const numBytes = height * width * channels;
  const mask_BI = maskOf(arrays, slot, rows.length * numImages);
  for (let n = 0; n < rows.length * numImages; n++) {
    if (mask_BI?.[n] === 0) continue;
    const pixels = new Uint8Array(slot, images.offset + n * numBytes, numBytes);
    const random = augmentRandom(seed, epoch, first * numImages + n);
    pixels.set(augment({ height, width, pixels }, options, random).pixels);
  }
}

function maskOf(
  arrays: readonly SlotArray[],
  slot: SharedArrayBuffer,
  length: number,
): Float32Array | undefined {
  const mask = arrays.find(({ name }) => name === 'imageMask_BI');
  return mask && new Float32Array(slot, mask.offset, length);
}
