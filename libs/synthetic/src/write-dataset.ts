import { withAtomicDirectory, withFileLock } from '@assay/core';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PhotoPlan } from './photos/photo-plan.js';
import { writePhotos } from './photos/write-photos.js';
import { assertReplaceable, SYNTHETIC_MARK } from './replaceable.js';
import { checkOptions, type SyntheticOptions, type SyntheticSummary } from './synthetic-options.js';

/** A data set in memory; only the photos still have to be drawn. */
export interface Dataset {
  /** File name → text. */
  files: Readonly<Record<string, string>>;
  /** One list per record; undefined when records have no photos. */
  photosOfRecord?: readonly (readonly PhotoPlan[])[];
  labelCounts: Record<string, number>;
}

/**
 * Writes a data set in one atomic step: a reader sees the complete directory or the old one.
 *
 * @param plan makes the data set; called after the options were checked
 * @throws USAGE when rows or seed are not valid, or the directory holds anything but an earlier data set of the kind
 * @throws LOCKED when another process writes there
 * @throws DISK_FULL when the disk is full; nothing is left behind
 * @throws INTERRUPTED when the signal aborts
 */
export async function writeDataset(
  options: SyntheticOptions,
  plan: () => Dataset,
): Promise<SyntheticSummary> {
  checkOptions(options);
  const { files, photosOfRecord, labelCounts } = plan();
  const target = resolve(options.outDir);
  const write = async (dir: string): Promise<SyntheticSummary> => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    const photos = photosOfRecord === undefined ? 0 : await writePhotos(dir, photosOfRecord, options);
    if (photosOfRecord === undefined) options.onProgress?.(options.rows, options.rows);
    return { outDir: options.outDir, rows: options.rows, photos, labelCounts };
  };
  return withFileLock(
    `${target}.lock`,
    async () => {
      await assertReplaceable(target, [...Object.keys(files), 'photos']);
      return withAtomicDirectory(target, write);
    },
    { timeoutMs: 1000 },
  );
}

/** The README that every synthetic data set carries. */
export function describeDataset(title: string, { rows, seed }: SyntheticOptions, body: string): string {
  return `# ${title}

${SYNTHETIC_MARK} A program wrote the texts and drew the photos; no person, shop or brand in it exists.
Made by \`assay synthesize\` with ${rows} rows and seed ${seed}. The same two numbers give the same bytes.

${body}
`;
}
