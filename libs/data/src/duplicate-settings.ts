import { availableParallelism } from 'node:os';
import type { DuplicatesConfig } from '@assay/config';
import type { DuplicateOptions } from './duplicates/find-duplicates.js';

/** Fewer texts are compared in less time than threads take to start. */
const TEXTS_FOR_THREADS = 20_000;
const MAX_THREADS = 8;

interface DuplicateSearch {
  /** Records that are compared. */
  numRecords: number;
  /** Of the hashes of texts: another one misses others of the few pairs that are missed. Default 0. */
  seed?: number;
  signal?: AbortSignal | undefined;
}

/** How so many records are compared. */
export function duplicateOptions(
  { text, images }: DuplicatesConfig,
  { numRecords, seed = 0, signal }: DuplicateSearch,
): DuplicateOptions {
  const threads = numRecords < TEXTS_FOR_THREADS ? 0 : Math.min(MAX_THREADS, availableParallelism());
  return { text: text === null ? null : { ...text, threads, seed }, image: images, signal };
}
