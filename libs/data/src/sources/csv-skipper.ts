import { CR, LF, type CsvDialect } from './csv-scanner.js';

const STATE = { cellStart: 0, plain: 1, quoted: 2, quoteInQuoted: 3, afterCr: 4 } as const;
type State = (typeof STATE)[keyof typeof STATE];

/** Passes over a row that is too long to be kept, byte by byte, to find where the next one starts. */
export class CsvSkipper {
  /** Line ends seen, that of the row included. */
  numLines = 0;
  readonly #dialect: CsvDialect;
  #state: State = STATE.cellStart;
  #previous = 0;
  /** Line ends before the last opening quote. */
  #linesBeforeQuote = 0;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
  }

  /** Whether the bytes so far end within quotes. */
  get isInQuotes(): boolean {
    return this.#state === STATE.quoted;
  }

  /** @param line of the first byte */
  quoteLine(line: number): number {
    return line + this.#linesBeforeQuote;
  }

  /** @returns the position after the row, or −1 when it goes on after these bytes */
  skip(bytes: Uint8Array): number {
    for (let position = 0; position < bytes.length; position++) {
      const byte = bytes[position] ?? 0;
      if (this.#state === STATE.afterCr) return byte === LF ? position + 1 : position;
      const state = this.#next(byte);
      if (state === STATE.quoted && this.#state === STATE.cellStart) this.#linesBeforeQuote = this.numLines;
      this.#state = state;
      if (byte === CR || (byte === LF && this.#previous !== CR)) this.numLines++;
      this.#previous = byte;
      if (byte === LF && this.#state === STATE.cellStart) return position + 1;
    }
    return -1;
  }

  #next(byte: number): State {
    const { delimiter, quote } = this.#dialect;
    if (this.#state === STATE.quoted) return byte === quote ? STATE.quoteInQuoted : STATE.quoted;
    if (byte === quote && this.#state === STATE.quoteInQuoted) return STATE.quoted;
    if (byte === quote && this.#state === STATE.cellStart) return STATE.quoted;
    if (byte === CR) return STATE.afterCr;
    return byte === LF || byte === delimiter ? STATE.cellStart : STATE.plain;
  }
}
