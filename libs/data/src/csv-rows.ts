import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { AssayError, systemCodeOf } from '@assay/core';
import { CsvError, parse } from 'csv-parse';

/** One line of cells. The first row of a file is its header. */
export interface CsvRow {
  /** Line of the file on which the row starts, from 1. */
  line: number;
  cells: string[];
}

/**
 * Streams the rows of a CSV file (RFC 4180): comma, double quotes, line breaks within quotes; LF or CRLF; with or
 * without a byte order mark. Empty lines are skipped. Rows may differ in their number of cells.
 *
 * @throws FILE_NOT_FOUND when there is no such file
 * @throws FILE_CORRUPT when it is not UTF-8, or a quote is not closed
 */
export async function* readCsvRows(path: string): AsyncGenerator<CsvRow> {
  const parser = parse({ info: true, relax_column_count: true, skip_empty_lines: true });
  const text = Readable.from(utf8Chunks(path));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  try {
    for await (const value of parser) {
      const { record, info } = value as { record: string[]; info: { lines: number } }; // the form of `info: true`
      yield { line: info.lines - numLineBreaks(record), cells: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} is not valid CSV: ${error.message}. Fix: quote cells that hold quotes, and double the quotes in them.`,
      {
        cause: error,
      },
    );
  } finally {
    text.destroy();
  }
}

const numLineBreaks = (cells: readonly string[]): number =>
  cells.reduce((sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);

async function* utf8Chunks(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true }); // it drops the byte order mark
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
      yield decoder.decode(chunk as Buffer, { stream: true }); // a stream without encoding gives buffers
    }
    yield decoder.decode();
  } catch (error) {
    if (
      systemCodeOf(error) === 'ENOENT' ||
      systemCodeOf(error) === 'ENOTDIR' ||
      systemCodeOf(error) === 'EISDIR'
    ) {
      throw new AssayError(
        'FILE_NOT_FOUND',
        `${path} does not exist. Fix: correct data.source.path, or name the folder with --data-root.`,
        { cause: error },
      );
    }
    if (systemCodeOf(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} is not UTF-8 text. Fix: convert it, e.g. iconv -f latin1 -t utf-8.`,
      { cause: error },
    );
  }
}
