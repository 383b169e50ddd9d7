import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { AssayError, systemCodeOf } from '@assay/core';
import { CsvError, parse } from 'csv-parse';

/** Far beyond any record, so that a quote that is never closed does not make one record of the rest of the file. */
const MAX_RECORD_BYTES = 2 ** 22;

/** One line of cells. The first row of a file is its header. */
export interface CsvRow {
  /** Line of the file on which the row starts, from 1. */
  line: number;
  cells: string[];
}

/**
 * Streams the rows of a CSV file (RFC 4180): comma, double quotes, line breaks within quotes; LF, CRLF or CR, also
 * mixed; with or without a byte order mark. Empty lines are skipped. Rows may differ in their number of cells.
 *
 * @throws FILE_NOT_FOUND when there is no such file, or it cannot be read
 * @throws FILE_CORRUPT when it is not UTF-8, a quote is not closed, or a record has more than 4 MiB
 */
export async function* readCsvRows(path: string): AsyncGenerator<CsvRow> {
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_RECORD_BYTES,
  });
  const text = Readable.from(utf8Chunks(path));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  let numCrlf = 0; // within quotes the parser counts CRLF as two lines
  try {
    for await (const value of parser) {
      const { record, info } = value as { record: string[]; info: { lines: number } }; // the form of `info: true`
      yield { line: info.lines - numCrlf - occurrences(record, /[\r\n]/g), cells: record };
      numCrlf += occurrences(record, /\r\n/g);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} is not valid CSV: ${error.message}. Fix: quote cells that hold quotes, double the quotes in them, and close every quote.`,
      {
        cause: error,
      },
    );
  } finally {
    text.destroy();
  }
}

const occurrences = (cells: readonly string[], pattern: RegExp): number =>
  cells.reduce((sum, cell) => sum + (cell.match(pattern)?.length ?? 0), 0);

async function* utf8Chunks(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true }); // it drops the byte order mark
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
      yield decoder.decode(chunk as Buffer, { stream: true }); // a stream without encoding gives buffers
    }
    yield decoder.decode();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new AssayError(
        'FILE_CORRUPT',
        `${path} is not UTF-8 text. Fix: convert it, e.g. iconv -f latin1 -t utf-8.`,
        { cause: error },
      );
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new AssayError(
      'FILE_NOT_FOUND',
      `${path} ${problem}. Fix: correct data.source.path, or name the folder with --data-root.`,
      { cause: error },
    );
  }
}
