import { isUtf8 } from 'node:buffer';
import { AssayError } from '@assay/core';
import { CsvCells } from './csv-cells.js';
import { CsvScanner, FAULT, type CsvDialect } from './csv-scanner.js';
import { CsvSkipper } from './csv-skipper.js';
import type { ParsedRows, RowParser } from './row-blocks.js';
import { rawText, type RejectedRow } from './source.js';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export interface CsvParserOptions extends CsvDialect {
  /** Path for people and for the rows. */
  source: string;
  /** Called with the first row; gives the positions of the cells to take. */
  onHeader: (header: readonly string[]) => readonly number[];
  maxRowBytes: number;
}

/** Makes rows of the bytes of a CSV file. */
export class CsvParser implements RowParser {
  readonly #options: CsvParserOptions;
  readonly #scanner: CsvScanner;
  readonly #cells: CsvCells;
  #isStart = true;
  #header: readonly string[] | null = null;
  #positions: readonly number[] = [];
  /** A row that is longer than allowed, of which more is to come. */
  #long: { skipper: CsvSkipper; raw: string } | null = null;

  constructor(options: CsvParserOptions) {
    this.#options = options;
    this.#scanner = new CsvScanner(options);
    this.#cells = new CsvCells(this.#scanner, options.quote);
  }

  /** @throws FILE_CORRUPT when a quote is never closed, or the header is no proper row */
  parse(bytes: Buffer, isLast: boolean): ParsedRows {
    const parsed: ParsedRows = { rows: [], rejected: [], rawOf: () => '', numRows: 0, usedBytes: 0 };
    if (this.#isStart) {
      if (bytes.length < BYTE_ORDER_MARK.length && !isLast) return parsed;
      this.#isStart = false;
      if (BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte)) parsed.usedBytes = BYTE_ORDER_MARK.length;
    }
    if (this.#long !== null) parsed.usedBytes += this.#skipLong(bytes, isLast, parsed);
    if (this.#long !== null) return parsed;
    const rest = bytes.subarray(parsed.usedBytes);
    const numBytes = this.#scanner.scan(rest, isLast);
    parsed.usedBytes += numBytes;
    this.#cells.load(rest.subarray(0, numBytes));
    this.#takeRows(parsed);
    this.#checkRest(rest.subarray(numBytes), isLast, parsed);
    return parsed;
  }

  #takeRows(parsed: ParsedRows): void {
    const { numRows, rowLines } = this.#scanner;
    let first = 0;
    if (this.#header === null && numRows > 0) this.#takeHeader(first++);
    parsed.numRows += numRows - first;
    const good: number[] = [];
    const textOfRow = this.#cells.rowTexts();
    parsed.rawOf = (index) => rawText(textOfRow(good[index] ?? 0));
    for (let row = first; row < numRows; row++) {
      const line = rowLines[row] ?? 0;
      const problem = this.#problemOf(row);
      if (problem === null) {
        parsed.rows.push({ source: this.#options.source, line, cells: this.#cellsOf(row) });
        good.push(row);
      } else parsed.rejected.push(this.#rejected({ line, raw: this.#raw(row), ...problem }));
    }
  }

  #takeHeader(row: number): void {
    const problem = this.#problemOf(row);
    if (problem !== null) throw this.#fileError(`its header is no proper row. ${problem.message}`);
    const { rowCells } = this.#scanner;
    const header: string[] = [];
    for (let i = rowCells[row] ?? 0; i < (rowCells[row + 1] ?? 0); i++) header.push(this.#cells.text(i));
    this.#positions = this.#options.onHeader(header);
    this.#header = header;
  }

  #cellsOf(row: number): string[] {
    const first = this.#scanner.rowCells[row] ?? 0;
    const positions = this.#positions;
    const cells = new Array<string>(positions.length);
    for (let i = 0; i < positions.length; i++) cells[i] = this.#cells.text(first + (positions[i] ?? 0));
    return cells;
  }

  #problemOf(row: number): Pick<RejectedRow, 'message' | 'column'> | null {
    const { rowStarts, rowEnds, rowFaults, rowFaultCells } = this.#scanner;
    if ((rowEnds[row] ?? 0) - (rowStarts[row] ?? 0) > this.#options.maxRowBytes)
      return { message: this.#tooLong(), column: null };
    if (!this.#cells.isClean) {
      const bytes = this.#cells.bytesOfRow(row);
      if (bytes.includes(0))
        return { message: 'The row holds a NUL byte.', column: this.#columnOf(row, hasNul) };
      if (!isUtf8(bytes))
        return { message: 'The row is not valid UTF-8.', column: this.#columnOf(row, isNotUtf8) };
    }
    const fault = rowFaults[row];
    if (fault !== FAULT.none)
      return {
        message: FAULT_MESSAGES[fault === FAULT.quoteInPlainCell ? 'quoteInPlainCell' : 'textAfterQuote'],
        column: this.#header?.[rowFaultCells[row] ?? 0] ?? null,
      };
    const numCells = this.#numCells(row);
    const expected = this.#header?.length ?? numCells;
    if (numCells === expected) return null;
    return { message: `The row has ${numCells} cells; the header has ${expected}.`, column: null };
  }

  #numCells(row: number): number {
    return (this.#scanner.rowCells[row + 1] ?? 0) - (this.#scanner.rowCells[row] ?? 0);
  }

  /** The column of the first cell with wrong bytes. */
  #columnOf(row: number, isWrong: (cell: Buffer) => boolean): string | null {
    const first = this.#scanner.rowCells[row] ?? 0;
    for (let i = 0; i < this.#numCells(row); i++)
      if (isWrong(this.#cells.bytes(first + i))) return this.#header?.[i] ?? null;
    return null;
  }

  #rejected(row: Omit<RejectedRow, 'source' | 'code'>): RejectedRow {
    return { source: this.#options.source, code: 'RECORD_INVALID', ...row };
  }

  #raw(row: number): string {
    return rawText(this.#cells.bytesOfRow(row), this.#options.maxRowBytes);
  }

  #tooLong(): string {
    return `The row has more than ${this.#options.maxRowBytes} bytes; is a quote not closed?`;
  }

  /** Passes over the rest of a row that is too long. @returns the bytes that belong to it */
  #skipLong(bytes: Buffer, isLast: boolean, parsed: ParsedRows): number {
    if (this.#long === null) return 0;
    const { skipper, raw } = this.#long;
    const next = skipper.skip(bytes);
    if (next < 0 && !isLast) return bytes.length;
    const { line } = this.#scanner;
    if (skipper.isInQuotes) throw this.#unclosed(skipper.quoteLine(line));
    parsed.numRows++;
    parsed.rejected.push(this.#rejected({ line, raw, message: this.#tooLong(), column: null }));
    this.#scanner.line += skipper.numLines;
    this.#long = null;
    return next < 0 ? bytes.length : next;
  }

  /** Looks at what is left when all whole rows are taken. */
  #checkRest(rest: Buffer, isLast: boolean, parsed: ParsedRows): void {
    const { maxRowBytes } = this.#options;
    if (isLast && rest.length > 0) throw this.#unclosed(this.#scanner.openQuoteLine ?? this.#scanner.line);
    if (rest.length <= maxRowBytes + 1) return; // one byte more, as a CR may be the last
    if (this.#header === null) throw this.#fileError(`its header has more than ${maxRowBytes} bytes.`);
    this.#long = { skipper: new CsvSkipper(this.#options), raw: rawText(rest, maxRowBytes) };
    this.#long.skipper.skip(rest);
    parsed.usedBytes += rest.length;
  }

  #unclosed(line: number): AssayError {
    return this.#fileError(
      `the quote that opens on line ${line} is never closed, so that the rest of the file would be one cell.`,
      { line },
    );
  }

  #fileError(problem: string, details: Record<string, unknown> = {}): AssayError {
    const { source } = this.#options;
    return new AssayError(
      'FILE_CORRUPT',
      `${source} is not valid CSV: ${problem} Fix: quote cells that hold quotes, double the quotes in them, and close every quote.`,
      { details: { source, ...details } },
    );
  }
}

const FAULT_MESSAGES = {
  quoteInPlainCell:
    'A quote is within a cell that does not begin with one; quote the cell and double its quotes.',
  textAfterQuote: 'Text follows the closing quote of a cell; quotes within a quoted cell must be doubled.',
} as const;

const hasNul = (bytes: Buffer): boolean => bytes.includes(0);
const isNotUtf8 = (bytes: Buffer): boolean => !isUtf8(bytes);
