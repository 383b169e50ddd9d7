import { throwIfInterrupted } from '@assay/core';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotoPlan } from './photo-plan.js';
import { renderPhoto } from './render-photo.js';
import type { SyntheticOptions } from '../synthetic-options.js';

const DEFAULT_CONCURRENCY = 4;

/**
 * Renders the photos of every record, a few records at once.
 *
 * @param dir where `photos/` goes
 * @param photosOfRecord one list of photos per record
 * @returns number of photos written
 * @throws INTERRUPTED when the signal aborts
 */
export async function writePhotos(
  dir: string,
  photosOfRecord: readonly (readonly PhotoPlan[])[],
  { concurrency = DEFAULT_CONCURRENCY, onProgress, signal }: SyntheticOptions,
): Promise<number> {
  await mkdir(join(dir, 'photos'));
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < photosOfRecord.length) {
      const photos = photosOfRecord[next++] ?? [];
      throwIfInterrupted(signal);
      for (const photo of photos) await writeFile(join(dir, photo.path), await renderPhoto(photo));
      onProgress?.(++done, photosOfRecord.length);
    }
  };
  const stopAll = (error: unknown): never => {
    next = photosOfRecord.length;
    throw error;
  };
  // All workers end before the error goes up: the caller removes the directory.
  const workers = await Promise.allSettled(Array.from({ length: concurrency }, () => work().catch(stopAll)));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return photosOfRecord.flat().length;
}
