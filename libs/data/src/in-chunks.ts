import { throwIfInterrupted } from '@assay/core';

/** Enough to keep the image decoders busy, few enough to hold in memory. */
const CHUNK_SIZE = 64;

/**
 * Groups what a source yields.
 *
 * @throws INTERRUPTED between two chunks when the signal is aborted
 */
export async function* inChunks<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of source) {
    chunk.push(item);
    if (chunk.length < CHUNK_SIZE) continue;
    throwIfInterrupted(signal);
    yield chunk;
    chunk = [];
  }
  throwIfInterrupted(signal);
  if (chunk.length > 0) yield chunk;
}
