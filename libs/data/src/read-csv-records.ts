import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConfig } from '@assay/config';
import { AssayError, type AssayErrorCode } from '@assay/core';
import { readCsvRows } from './csv-rows.js';
import { resolveColumns, type CellOf } from './source-columns.js';
import { parseRow, type ParsedRow } from './source-record.js';

/** A row that is left out, and why. */
export interface Rejection {
  /** Path of the source, relative to the data root. */
  source: string;
  line: number;
  /** Column of the cell that is wrong, or null when the whole row is. */
  column: string | null;
  code: AssayErrorCode;
  message: string;
  /** The cells as they are in the source. */
  raw: string[];
}

export type SourceRow =
  ({ kind: 'record'; line: number; raw: string[] } & ParsedRow) | ({ kind: 'rejected' } & Rejection);

/**
 * Streams the records of a CSV source. A row that does not follow the config comes as `rejected`; images are not opened,
 * and ids are not compared.
 *
 * @throws DATA_ROOT_MISSING when the data root is no folder
 * @throws FILE_NOT_FOUND, FILE_CORRUPT when the source cannot be read
 * @throws COLUMN_MISSING when a column that the config names is not there
 * @throws DATA_EMPTY when the source has no rows
 */
export async function* readCsvRecords(data: DataConfig, dataRoot: string): AsyncGenerator<SourceRow> {
  if (statSync(dataRoot, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new AssayError(
      'DATA_ROOT_MISSING',
      `The folder of the source files, ${dataRoot}, does not exist. Fix: name the right one with --data-root, or get the files as its README says.`,
    );
  }
  const path = join(dataRoot, data.source.path);
  let header: string[] | undefined;
  let cellOf: CellOf | undefined;
  let numRows = 0;
  for await (const { line, cells } of readCsvRows(path)) {
    if (header === undefined || cellOf === undefined) {
      header = cells;
      cellOf = resolveColumns(header, data, path);
      continue;
    }
    numRows++;
    yield toSourceRow({ line, cells, header, cellOf, data });
  }
  if (numRows === 0) {
    throw new AssayError(
      'DATA_EMPTY',
      `${path} ${header === undefined ? 'is empty' : 'has a header but no rows'}; expected at least one record. Fix: check data.source.path.`,
    );
  }
}

interface RowContext {
  line: number;
  cells: string[];
  header: readonly string[];
  cellOf: CellOf;
  data: DataConfig;
}

function toSourceRow({ line, cells, header, cellOf, data }: RowContext): SourceRow {
  try {
    if (cells.length !== header.length) {
      throw new AssayError(
        'RECORD_INVALID',
        `The row has ${cells.length} cells; the header has ${header.length}.`,
      );
    }
    return { kind: 'record', line, raw: cells, ...parseRow(cells, cellOf, data) };
  } catch (error) {
    return { kind: 'rejected', ...rejectionOf(error, { source: data.source.path, line, raw: cells }) };
  }
}

/** Turns the error of one row into a rejection; any other error is thrown again. */
export function rejectionOf(
  error: unknown,
  { source, line, raw }: Pick<Rejection, 'source' | 'line' | 'raw'>,
): Rejection {
  if (!(error instanceof AssayError)) throw error;
  const { column } = error.details;
  return {
    source,
    line,
    column: typeof column === 'string' ? column : null,
    code: error.code,
    message: error.message,
    raw,
  };
}
