import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readJson, writeJsonAtomic } from '@assay/core';
import { z } from 'zod';

/** What is known of a file of the source. */
export interface KnownFile {
  /** Tells whether the file may have changed; null when that cannot be told. */
  version: string | null;
  sizeBytes: number;
  sha256: string;
}

const fileSchema = z.strictObject({
  version: z.string().nullable(),
  sizeBytes: z.int().min(0),
  sha256: z.string(),
});
const memorySchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Digest of what the rows and the paths of images follow from. */
  key: z.string(),
  numRows: z.int().min(0),
  /** By path; null for one that could not be read. */
  files: z.array(z.tuple([z.string(), fileSchema.nullable()])),
  images: z.array(z.tuple([z.string(), fileSchema.nullable()])),
});

/** What the last successful run found out about its source, so that the next one need not read what is as it was. */
export type InputMemory = Omit<z.infer<typeof memorySchema>, 'schemaVersion'>;

/** Beside the directory, because it holds the times of files, and every byte inside is the same for equal content. */
const memoryPath = (dir: string): string => `${resolve(dir)}.inputs.json`;

/** @returns null when there is none, or none of this version */
export async function recallInputs(dir: string): Promise<InputMemory | null> {
  const found = memorySchema.safeParse(await readJson(memoryPath(dir)).catch(() => null));
  return found.success ? found.data : null;
}

export async function rememberInputs(dir: string, memory: InputMemory): Promise<void> {
  await writeJsonAtomic(memoryPath(dir), { schemaVersion: 1, ...memory });
}

/** A file that changed just before it was read may change again without a later time of change. */
const CLOCK_STEP_MS = 2000;

/**
 * Size, inode and times of a file: equal when it did not change. The time of change (ctime) cannot be set by programs.
 *
 * @param nowMs a file that changed less than two seconds before has no version
 * @returns null when there is no such file
 */
export function fileVersion(path: string, nowMs = Date.now()): string | null {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(path, { bigint: true });
    if (nowMs - Number(ctimeMs) < CLOCK_STEP_MS) return null;
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return null; // reading the file tells why
  }
}

/** What is known of a file, if it is still so. */
export function stillKnown(known: KnownFile | null | undefined, path: string): KnownFile | null {
  return known && known.version !== null && known.version === fileVersion(path) ? known : null;
}
