import type { AssayErrorCode } from '@assay/core';

/**
 * What a cell may hold. CSV gives strings only. JSON Lines and Parquet give typed values, lists and structs; in Parquet
 * a date or a time is ISO 8601 text and a decimal is its digits, so that nothing is rounded, and an integer is a bigint
 * only when a number cannot hold it. Bytes come from BLOB columns.
 */
export type CellValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly CellValue[]
  | { readonly [key: string]: CellValue };

/** A row as a source gives it, before anything is known of its meaning. */
export interface SourceRow {
  /** Path of the file, relative to the data root, with forward slashes. */
  source: string;
  /** Line of the file on which the row starts, from 1. For Parquet and tar: the number of the row or sample, from 1. */
  line: number;
  /** In the order of the header. */
  cells: readonly CellValue[];
}

/** A row that no cells can be made of, and why. */
export interface RejectedRow {
  source: string;
  line: number;
  /** Column of the cell that is wrong, or null when the whole row is. */
  column: string | null;
  code: AssayErrorCode;
  message: string;
  /** The text of the row, at most 64 KiB of it; bytes that are not UTF-8 are replacement characters. */
  raw: string;
}

/** Some consecutive rows of one file. Both lists ascend by line; together they are all rows between two lines. */
export interface SourceBlock {
  source: string;
  rows: SourceRow[];
  rejected: RejectedRow[];
  /** The text of `rows[index]` as a rejected row has it: of the file, or JSON of the cells where the file is no text. */
  rawOf: (index: number) => string;
}

export type SourceFormat = 'csv' | 'jsonl' | 'parquet' | 'webdataset';

export interface SourceSpec {
  /** Files or patterns (`*`, `**`, `?`, `[a-z]`, `{a,b}`), relative to the data root. */
  path: string | readonly string[];
  /** By default what the names of the files say: .csv, .tsv, .jsonl, .ndjson, .parquet or .tar, also before .gz or .zst. */
  format?: SourceFormat;
  /**
   * The columns to read, which become the header. By default all; JSON Lines has no header, so there they are needed. In
   * JSON Lines, Parquet and WebDataset a name may be a path, `seller.id`; through a list it gives the list of values.
   */
  columns?: readonly string[];
  /** CSV: one ASCII character. By default a comma, or a tab in .tsv. */
  delimiter?: string;
  /** CSV: one ASCII character, by default `"`; null when quotes mean nothing. */
  quote?: string | null;
  /** A longer row is rejected, by its text, its values or its members; by default 16 MiB. */
  maxRowBytes?: number;
  /** WebDataset: columns whose members are images, given as references to them; of the others the text is given. */
  imageColumns?: readonly string[];
}

export interface Source {
  readonly header: readonly string[];
  /** The files in the order in which they are read, relative to the data root. */
  readonly files: readonly string[];
  /**
   * Reads all rows from the start, in the order of the files and of their rows. May be called again.
   *
   * @throws FILE_CORRUPT when a file is cut off, damaged, or has another header than before
   * @throws COLUMN_MISSING when a wanted column was in no row of a JSON Lines source
   * @throws DATA_EMPTY when there was no row at all
   */
  blocks(): AsyncGenerator<SourceBlock, void, undefined>;
}

export const DEFAULT_MAX_ROW_BYTES = 2 ** 24;
const MAX_RAW_BYTES = 2 ** 16;

/** JSON of cells, for rows that have no text of their own. */
export function rawCells(cells: readonly CellValue[]): string {
  const json = JSON.stringify(cells, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? `(${value.length} bytes)` : value;
  });
  return rawText(Buffer.from(json));
}

/** A block of rows without a text of their own. */
export const cellBlock = (
  source: string,
  rows: SourceRow[] = [],
  rejected: RejectedRow[] = [],
): SourceBlock => ({ source, rows, rejected, rawOf: (index) => rawCells(rows[index]?.cells ?? []) });

/**
 * The text of a rejected row, with replacement characters for what is not UTF-8.
 *
 * @param maxBytes more are cut off, with an ellipsis
 */
export function rawText(bytes: Uint8Array, maxBytes = MAX_RAW_BYTES): string {
  const numBytes = Math.min(bytes.length, maxBytes, MAX_RAW_BYTES);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, numBytes).toString();
  return bytes.length > numBytes ? `${text}…` : text;
}
