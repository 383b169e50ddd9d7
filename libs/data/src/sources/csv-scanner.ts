export const LF = 10;
export const CR = 13;

/** Bits of `CsvScanner.cellFlags`. */
export const NOT_ASCII = 1;
export const QUOTED = 2;
/** It has doubled quotes. */
export const ESCAPED = 4;

/** What may be wrong with the quotes of a row: `CsvScanner.rowFault`. */
export const FAULT = { none: 0, quoteInPlainCell: 1, textAfterQuote: 2 } as const;

export interface CsvDialect {
  /** Code of an ASCII character. */
  delimiter: number;
  /** Code of an ASCII character, or null when quotes mean nothing. */
  quote: number | null;
}

/**
 * Finds the rows and cells of CSV (RFC 4180) in bytes; it makes no strings. A row ends with LF, CRLF or CR; empty lines are
 * none. UTF-8 needs no care here, as no byte of a longer character is ASCII.
 */
export class CsvScanner {
  /** Rows that the last scan found. */
  numRows = 0;
  /** From and to, without the line end; and the cells: those of row i are `rowCells[i]` to `rowCells[i + 1]`. */
  rowStarts = new Int32Array(1024);
  rowEnds = new Int32Array(1024);
  rowCells = new Int32Array(1025);
  /** Line on which it starts, from 1. */
  rowLines = new Float64Array(1024);
  rowFaults = new Uint8Array(1024);
  /** Cell with the fault, from 0 in its row. */
  rowFaultCells = new Int32Array(1024);
  numCells = 0;
  /** From and to, without the quotes. */
  cellStarts = new Int32Array(8192);
  cellEnds = new Int32Array(8192);
  cellFlags = new Uint8Array(8192);
  /** Line of the next byte to scan. */
  line = 1;
  /** Line of the quote that the last bytes do not close; null when they close all. */
  openQuoteLine: number | null = null;

  readonly #delimiter: number;
  /** −1 is no byte. */
  readonly #quote: number;
  /** Not 0 for the bytes that end a plain cell, or are a fault in it. */
  readonly #isSpecial = new Uint8Array(256);
  #bytes: Uint8Array = new Uint8Array(0);
  #isLast = false;
  /** Line ends within the cells of the present row. */
  #innerLines = 0;
  #fault: number = FAULT.none;
  #faultCell = 0;

  constructor({ delimiter, quote }: CsvDialect) {
    this.#delimiter = delimiter;
    this.#quote = quote ?? -1;
    for (const special of [delimiter, this.#quote, LF, CR]) this.#isSpecial[special] = 1;
  }

  /**
   * Finds whole rows.
   *
   * @param isLast no more bytes follow, so that the end of the bytes ends a row
   * @returns the bytes up to the end of the last row that is whole
   */
  scan(bytes: Uint8Array, isLast: boolean): number {
    this.#bytes = bytes;
    this.#isLast = isLast;
    this.numRows = 0;
    this.numCells = 0;
    this.openQuoteLine = null;
    let position = 0;
    while (position < bytes.length) {
      const byte = bytes[position];
      const next = byte === LF || byte === CR ? this.#emptyLine(position) : this.#row(position);
      if (next < 0) break;
      position = next;
    }
    return position;
  }

  #emptyLine(position: number): number {
    const next = this.#afterLineEnd(position);
    if (next >= 0) this.line++;
    return next;
  }

  /** @returns the position after the row, or −1 when more bytes are needed */
  #row(start: number): number {
    const firstCell = this.numCells;
    this.#innerLines = 0;
    this.#fault = FAULT.none;
    for (let position = start; ;) {
      const end = this.#bytes[position] === this.#quote ? this.#quoted(position) : this.#plain(position);
      if (end >= 0 && this.#bytes[end] === this.#delimiter) {
        position = end + 1;
        continue;
      }
      const next = end < 0 ? -1 : this.#afterLineEnd(end);
      if (next < 0) this.numCells = firstCell;
      else this.#addRow(start, end, firstCell);
      return next;
    }
  }

  /** @param position of a line end, or of the end of the bytes */
  #afterLineEnd(position: number): number {
    if (this.#bytes[position] === LF) return position + 1;
    const isComplete = position + 1 < this.#bytes.length || this.#isLast;
    if (!isComplete) return -1; // an LF may follow the CR
    return Math.min(this.#bytes[position + 1] === LF ? position + 2 : position + 1, this.#bytes.length);
  }

  /** @returns the position of the byte that ends the cell, or −1 when more bytes are needed */
  #plain(start: number): number {
    const bytes = this.#bytes;
    const isSpecial = this.#isSpecial;
    let all = 0;
    let position = start;
    for (; position < bytes.length; position++) {
      const byte = bytes[position] ?? 0;
      if (isSpecial[byte] !== 0) {
        if (byte !== this.#quote) break;
        this.#noteFault(FAULT.quoteInPlainCell);
      }
      all |= byte;
    }
    if (position === bytes.length && !this.#isLast) return -1;
    this.#addCell(start, position, all > 127 ? NOT_ASCII : 0);
    return position;
  }

  #quoted(start: number): number {
    const bytes = this.#bytes;
    const quote = this.#quote;
    let flags = QUOTED;
    let all = 0;
    let lines = 0;
    let position = start + 1;
    for (; position < bytes.length; position++) {
      const byte = bytes[position] ?? 0;
      if (byte === quote) {
        if (bytes[position + 1] !== quote) break;
        flags |= ESCAPED;
        position++;
      } else if (byte < 14) {
        if (byte === LF || (byte === CR && bytes[position + 1] !== LF)) lines++;
      } else all |= byte;
    }
    if (position >= bytes.length) {
      this.openQuoteLine = this.line + this.#innerLines;
      return -1;
    }
    this.#innerLines += lines;
    return this.#closed(start + 1, position, all > 127 ? flags | NOT_ASCII : flags);
  }

  /** After the closing quote; when the bytes end here, the row is found again with more of them. */
  #closed(start: number, end: number, flags: number): number {
    const next = this.#bytes[end + 1];
    if (next === undefined || this.#isSpecial[next] !== 0) {
      this.#addCell(start, end, flags);
      return end + 1;
    }
    this.#noteFault(FAULT.textAfterQuote);
    return this.#plain(end + 1);
  }

  #noteFault(fault: number): void {
    if (this.#fault !== FAULT.none) return;
    this.#fault = fault;
    this.#faultCell = this.numCells;
  }

  #addCell(start: number, end: number, flags: number): void {
    const i = this.numCells++;
    if (i === this.cellFlags.length) {
      this.cellStarts = doubled(this.cellStarts, Int32Array);
      this.cellEnds = doubled(this.cellEnds, Int32Array);
      this.cellFlags = doubled(this.cellFlags, Uint8Array);
    }
    this.cellStarts[i] = start;
    this.cellEnds[i] = end;
    this.cellFlags[i] = flags;
  }

  #addRow(start: number, end: number, firstCell: number): void {
    const i = this.numRows++;
    if (i === this.rowFaults.length) this.#enlargeRows();
    this.rowStarts[i] = start;
    this.rowEnds[i] = end;
    this.rowLines[i] = this.line;
    this.rowFaults[i] = this.#fault;
    if (this.#fault !== FAULT.none) this.rowFaultCells[i] = this.#faultCell - firstCell;
    this.rowCells[i] = firstCell;
    this.rowCells[i + 1] = this.numCells;
    this.line += this.#innerLines + 1;
  }

  #enlargeRows(): void {
    this.rowStarts = doubled(this.rowStarts, Int32Array);
    this.rowEnds = doubled(this.rowEnds, Int32Array);
    this.rowCells = doubled(this.rowCells, Int32Array);
    this.rowLines = doubled(this.rowLines, Float64Array);
    this.rowFaults = doubled(this.rowFaults, Uint8Array);
    this.rowFaultCells = doubled(this.rowFaultCells, Int32Array);
  }
}

type Numbers = Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

function doubled<T extends Numbers>(array: T, type: new (length: number) => T): T {
  const larger = new type(2 * array.length);
  larger.set(array);
  return larger;
}
