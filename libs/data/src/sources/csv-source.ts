import { join } from 'node:path';
import { AssayError } from '@assay/core';
import { byteChunks } from './byte-chunks.js';
import { CsvParser } from './csv-parser.js';
import { CR, LF, type CsvDialect } from './csv-scanner.js';
import { rowBlocks } from './row-blocks.js';
import { DEFAULT_MAX_ROW_BYTES, type SourceBlock, type SourceSpec } from './source.js';
import { assertSameHeader, positionsOf } from './wanted-columns.js';

export type CsvSpec = Pick<SourceSpec, 'columns' | 'delimiter' | 'quote' | 'maxRowBytes'>;

/** @returns the cells of the first row @throws DATA_EMPTY when there is none */
export async function csvHeader(source: string, spec: CsvSpec, dataRoot: string): Promise<readonly string[]> {
  let found: readonly string[] | undefined;
  const parser = new CsvParser({
    ...dialectOf(spec, source),
    source,
    maxRowBytes: spec.maxRowBytes ?? DEFAULT_MAX_ROW_BYTES,
    onHeader: (header) => {
      found = header;
      return [];
    },
  });
  for await (const _ of rowBlocks(byteChunks(join(dataRoot, source)), parser, {
    source,
    blockBytes: 2 ** 12,
  }))
    if (found !== undefined) return found;
  throw new AssayError(
    'DATA_EMPTY',
    `${source} is empty; expected a header and rows. Fix: check data.source.path.`,
  );
}

/** @param expected header that the file had before */
export function csvBlocks(
  source: string,
  expected: readonly string[],
  spec: CsvSpec,
  dataRoot: string,
): AsyncGenerator<SourceBlock, void, undefined> {
  const parser = new CsvParser({
    ...dialectOf(spec, source),
    source,
    maxRowBytes: spec.maxRowBytes ?? DEFAULT_MAX_ROW_BYTES,
    onHeader: (header) => {
      assertSameHeader({ source: `${source} before`, header: expected }, { source, header });
      return positionsOf(header, spec.columns, source);
    },
  });
  return rowBlocks(byteChunks(join(dataRoot, source)), parser, { source });
}

/** @throws USAGE when the delimiter or the quote is not one ASCII character, or both are equal */
export function dialectOf({ delimiter, quote }: CsvSpec, source: string): CsvDialect {
  const dialect = {
    delimiter: codeOf(delimiter ?? (/\.tsv(\.|$)/i.test(source) ? '\t' : ','), 'delimiter'),
    quote: quote === null ? null : codeOf(quote ?? '"', 'quote'),
  };
  if (dialect.delimiter !== dialect.quote) return dialect;
  throw new AssayError(
    'USAGE',
    `The delimiter and the quote of ${source} are the same character. Fix: change one.`,
  );
}

function codeOf(character: string, what: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (character.length === 1 && code > 0 && code < 128 && code !== LF && code !== CR) return code;
  throw new AssayError(
    'USAGE',
    `The ${what} ${JSON.stringify(character)} is not one ASCII character. Fix: use e.g. "," ";" "|" or "\\t".`,
  );
}
