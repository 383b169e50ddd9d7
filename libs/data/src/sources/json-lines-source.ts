import { join } from 'node:path';
import { AssayError } from '@assay/core';
import { byteChunks } from './byte-chunks.js';
import { JsonLinesParser } from './json-lines-parser.js';
import { rowBlocks } from './row-blocks.js';
import { DEFAULT_MAX_ROW_BYTES, type SourceBlock, type SourceSpec } from './source.js';
import { SeenColumns } from './wanted-columns.js';

interface JsonLines {
  header: readonly string[];
  blocksOf(file: string): AsyncGenerator<SourceBlock, void, undefined>;
  finish(): void;
}

/**
 * Reads files of JSON Lines. A column that a row does not have is null; one that no row had is an error at the end, since
 * nothing else tells a misspelt name.
 *
 * @throws USAGE when no columns are named
 */
export function jsonLinesBlocks(
  files: readonly string[],
  { columns, maxRowBytes = DEFAULT_MAX_ROW_BYTES }: SourceSpec,
  dataRoot: string,
): JsonLines {
  if (columns === undefined)
    throw new AssayError(
      'USAGE',
      `${files[0] ?? ''} is JSON Lines, which has no header. Fix: name the columns.`,
    );
  const seen = new SeenColumns(columns);
  return {
    header: columns,
    blocksOf: (source) =>
      rowBlocks(
        byteChunks(join(dataRoot, source)),
        new JsonLinesParser({ source, columns, maxRowBytes, onColumn: seen.add }),
        { source },
      ),
    finish: () => seen.assertAll(files),
  };
}
