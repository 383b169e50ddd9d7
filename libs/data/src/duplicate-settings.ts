import { availableParallelism } from 'node:os';
import type { DuplicatesConfig } from '@assay/config';
import type { DuplicateOptions } from './duplicates/find-duplicates.js';

/** Fewer texts are compared in less time than threads take to start. */
const TEXTS_FOR_THREADS = 20_000;
const MAX_THREADS = 8;

/** How so many records are compared. */
export function duplicateOptions(
  { text, images }: DuplicatesConfig,
  numRecords: number,
  signal: AbortSignal | undefined,
): DuplicateOptions {
  const threads = numRecords < TEXTS_FOR_THREADS ? 0 : Math.min(MAX_THREADS, availableParallelism());
  return { text: text === null ? null : { ...text, threads }, image: images, signal };
}
