import { AssayError } from '@assay/core';
import type { RejectedRow, SourceBlock, SourceRow } from './source.js';

/** A block is parsed when this many bytes have come: a few thousand rows. */
const BLOCK_BYTES = 2 ** 19;

export interface ParsedRows {
  rows: SourceRow[];
  rejected: RejectedRow[];
  /** The text of `rows[index]`. */
  rawOf: (index: number) => string;
  /** The rows that were found, counted where they are found. */
  numRows: number;
  /** Bytes that need not be given again. */
  usedBytes: number;
}

/** Finds the rows of one format in bytes. */
export interface RowParser {
  /**
   * @param bytes the bytes that follow those used so far; they are not looked at after the call
   * @param isLast no more bytes will come
   */
  parse(bytes: Buffer, isLast: boolean): ParsedRows;
}

interface BlockOptions {
  source: string;
  /** Bytes to wait for; the rows are the same whatever it is. */
  blockBytes?: number;
}

/**
 * Feeds a parser with chunks of bytes, wherever they are cut.
 *
 * @throws INTERNAL when a row that was found is neither given nor rejected
 */
export async function* rowBlocks(
  chunks: AsyncIterable<Uint8Array>,
  parser: RowParser,
  { source, blockBytes = BLOCK_BYTES }: BlockOptions,
): AsyncGenerator<SourceBlock, void, undefined> {
  let pending = Buffer.allocUnsafeSlow(2 * blockBytes);
  let numPending = 0;
  let wanted = blockBytes;
  const parse = (isLast: boolean): SourceBlock => {
    const { rows, rejected, rawOf, numRows, usedBytes } = parser.parse(
      pending.subarray(0, numPending),
      isLast,
    );
    if (numRows !== rows.length + rejected.length)
      throw new AssayError(
        'INTERNAL',
        `${source}: ${numRows} rows were read, ${rows.length} given and ${rejected.length} rejected.`,
      );
    pending.copyWithin(0, usedBytes, numPending);
    numPending -= usedBytes;
    wanted = Math.max(blockBytes, 2 * numPending); // a long row is not looked at again for every few bytes
    return { source, rows, rejected, rawOf };
  };
  for await (const chunk of chunks) {
    if (numPending + chunk.length > pending.length) pending = enlarged(pending, numPending + chunk.length);
    pending.set(chunk, numPending);
    numPending += chunk.length;
    if (numPending >= wanted) yield parse(false);
  }
  yield parse(true);
}

function enlarged(buffer: Uint8Array, minBytes: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * buffer.length, minBytes));
  larger.set(buffer);
  return larger;
}
