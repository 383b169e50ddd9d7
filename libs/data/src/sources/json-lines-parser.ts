import { isUtf8 } from 'node:buffer';
import { LF } from './csv-scanner.js';
import type { ParsedRows, RowParser } from './row-blocks.js';
import { rawText, type CellValue, type RejectedRow } from './source.js';
import { isRounded, isStruct, textProblemOf, valueAtPath } from './value-at-path.js';

const BYTE_ORDER_MARK = '\ufeff';

interface JsonLinesOptions {
  source: string;
  columns: readonly string[];
  maxRowBytes: number;
  /** Told of every column that a row has. */
  onColumn: (index: number) => void;
}

/** Makes rows of the bytes of a file with one JSON object a line; empty lines are none. */
export class JsonLinesParser implements RowParser {
  readonly #options: JsonLinesOptions;
  #line = 1;
  /** The start of a line that is longer than allowed, of which more is to come. */
  #longRaw: string | null = null;

  constructor(options: JsonLinesOptions) {
    this.#options = options;
  }

  parse(bytes: Buffer, isLast: boolean): ParsedRows {
    const texts: string[] = [];
    const rawOf = (index: number): string => rawText(Buffer.from(texts[index] ?? ''));
    const parsed: ParsedRows = { rows: [], rejected: [], rawOf, numRows: 0, usedBytes: 0 };
    const isClean = isUtf8(bytes.subarray(0, isLast ? bytes.length : bytes.lastIndexOf(LF) + 1));
    for (let start = 0; start < bytes.length || (isLast && this.#longRaw !== null);) {
      const found = bytes.indexOf(LF, start);
      if (found < 0 && !isLast) break;
      const end = found < 0 ? bytes.length : found;
      const text = this.#takeLine(bytes.subarray(start, end), isClean, parsed);
      if (text !== null) texts.push(text);
      start = Math.min(end + 1, bytes.length);
      parsed.usedBytes = start;
    }
    const rest = bytes.subarray(parsed.usedBytes);
    if (this.#longRaw === null && rest.length > this.#options.maxRowBytes)
      this.#longRaw = rawText(rest, this.#options.maxRowBytes);
    if (this.#longRaw !== null) parsed.usedBytes = bytes.length;
    return parsed;
  }

  /** @returns the text of a good row */
  #takeLine(bytes: Buffer, isClean: boolean, parsed: ParsedRows): string | null {
    const line = this.#line++;
    const { source, maxRowBytes } = this.#options;
    const longRaw = this.#longRaw ?? (bytes.length > maxRowBytes ? rawText(bytes, maxRowBytes) : null);
    this.#longRaw = null;
    const text = longRaw === null ? bytes.toString() : '';
    if (longRaw === null && text.trim() === '') return null; // trim also takes a byte order mark
    const result =
      longRaw !== null
        ? problem(`The line has more than ${maxRowBytes} bytes.`)
        : isClean || isUtf8(bytes)
          ? this.#cellsOf(text)
          : problem('The line is not valid UTF-8.');
    parsed.numRows++;
    if (Array.isArray(result)) {
      parsed.rows.push({ source, line, cells: result });
      return text;
    }
    const raw = longRaw ?? rawText(bytes, maxRowBytes);
    parsed.rejected.push({ source, line, code: 'RECORD_INVALID', raw, ...result });
    return null;
  }

  #cellsOf(text: string): CellValue[] | Problem {
    let object: CellValue;
    try {
      object = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text) as CellValue; // what JSON can hold
    } catch (error) {
      return problem(`The line is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
    }
    if (!isStruct(object)) return problem('The line is no JSON object.');
    const cells: CellValue[] = [];
    const hasEscapes = text.includes('\\u');
    for (const [index, column] of this.#options.columns.entries()) {
      const value = valueAtPath(object, column);
      if (value !== undefined) this.#options.onColumn(index);
      const cell = value ?? null;
      // Without an escape a text of valid UTF-8 is sound.
      const wrong = hasEscapes || typeof cell === 'object' ? textProblemOf(cell) : null;
      if (wrong !== null) return problem(`'${column}' ${wrong}.`, column);
      if (isRounded(cell, text))
        return problem(`'${column}' holds an integer that a number cannot hold; write it in quotes.`, column);
      cells.push(cell);
    }
    return cells;
  }
}

type Problem = Pick<RejectedRow, 'message' | 'column'>;
const problem = (message: string, column: string | null = null): Problem => ({ message, column });
