import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeFileAtomic } from '@assay/core';
import { z } from 'zod';
import { jsonLines, readLines } from './json-lines.js';

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
const headSchema = z.strictObject({
  schemaVersion: z.literal(2),
  /** Digest of what the rows and the paths of images follow from. */
  key: z.string(),
  numRows: z.int().min(0),
  /** Lines that follow: an unfinished file has fewer. */
  numFiles: z.int().min(0),
  numImages: z.int().min(0),
});
/** By path; null for one that could not be read. */
const lineSchema = z.tuple([z.string(), fileSchema.nullable()]);
type FileLine = z.infer<typeof lineSchema>;

/** What the last successful run found out about its source, so that the next one need not read what is as it was. */
export interface InputMemory {
  key: string;
  numRows: number;
  files: FileLine[];
  images: FileLine[];
}

/** Beside the directory, because it holds the times of files, and every byte inside is the same for equal content. */
const memoryPath = (dir: string): string => `${resolve(dir)}.inputs.jsonl`;

/** @returns null when there is none, or none of this version */
export function recallInputs(dir: string): InputMemory | null {
  try {
    const [head, ...lines] = Array.from(readLines(memoryPath(dir)), (line): unknown => JSON.parse(line));
    const { key, numRows, numFiles, numImages } = headSchema.parse(head);
    const known = lines.map((line) => lineSchema.parse(line));
    if (known.length !== numFiles + numImages) return null;
    return { key, numRows, files: known.slice(0, numFiles), images: known.slice(numFiles) };
  } catch {
    return null; // whatever is wrong with it, the source says the same
  }
}

/** Takes it down, a line for each file. */
export async function rememberInputs(
  dir: string,
  { key, numRows, files, images }: InputMemory,
): Promise<void> {
  const head = { schemaVersion: 2, key, numRows, numFiles: files.length, numImages: images.length };
  await writeFileAtomic(memoryPath(dir), jsonLines([head, ...files, ...images]));
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
