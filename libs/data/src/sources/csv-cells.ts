import { isUtf8 } from 'node:buffer';
import { ESCAPED, NOT_ASCII, type CsvScanner } from './csv-scanner.js';

/** Shorter strings are cut from one string of the whole block; V8 copies them, so that they do not keep the block alive. */
const MAX_COPIED_LENGTH = 12;

/** The cells that a scanner found, as strings. */
export class CsvCells {
  readonly #scanner: CsvScanner;
  readonly #quote: string;
  #bytes: Buffer = Buffer.alloc(0);
  /** The bytes as Latin-1, so that positions in it are those of the bytes. */
  #text = '';
  /** Whether all bytes are UTF-8 and none is NUL. */
  isClean = true;

  /** @param quote code of the character, or null */
  constructor(scanner: CsvScanner, quote: number | null) {
    this.#scanner = scanner;
    this.#quote = String.fromCharCode(quote ?? 0);
  }

  /** @param bytes those that were scanned, up to the end of the last row */
  load(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#text = bytes.toString('latin1');
    this.isClean = isUtf8(bytes) && !bytes.includes(0);
  }

  /** @param index of the cell, among all that were found */
  text(index: number): string {
    const { cellStarts, cellEnds, cellFlags } = this.#scanner;
    const start = cellStarts[index] ?? 0;
    const end = cellEnds[index] ?? 0;
    const flags = cellFlags[index] ?? 0;
    const text =
      (flags & NOT_ASCII) !== 0
        ? this.#bytes.toString('utf8', start, end)
        : end - start <= MAX_COPIED_LENGTH
          ? this.#text.substring(start, end)
          : this.#bytes.toString('latin1', start, end);
    return (flags & ESCAPED) === 0 ? text : text.replaceAll(this.#quote + this.#quote, this.#quote);
  }

  /** Gives the text of any row later, when the bytes are gone. */
  rowTexts(): (row: number) => Buffer {
    const [text, starts, ends] = [this.#text, this.#scanner.rowStarts.slice(), this.#scanner.rowEnds.slice()];
    return (row) => Buffer.from(text.slice(starts[row], ends[row]), 'latin1');
  }

  bytes(index: number): Buffer {
    return this.#bytes.subarray(this.#scanner.cellStarts[index], this.#scanner.cellEnds[index]);
  }

  bytesOfRow(row: number): Buffer {
    return this.#bytes.subarray(this.#scanner.rowStarts[row], this.#scanner.rowEnds[row]);
  }
}
