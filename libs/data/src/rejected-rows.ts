import { appendFile, rename, writeFile } from 'node:fs/promises';
import { AssayError } from '@assay/core';
import type { Rejection } from './read-records.js';

/** Where the rejected rows of a stage lie that stopped for their number: beside its directory. */
export const rejectedPath = (dir: string): string => `${dir}.rejected.jsonl`;

/** Writes rejected rows to a file as they come, and counts them by their reasons; their texts are not held. */
export class RejectedRows {
  readonly #path: string;
  readonly #reasons = new Map<string, { first: Omit<Rejection, 'raw'>; count: number }>();
  #lines: string[] = [];
  #count = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @param path of a file that is written anew */
  static async create(path: string): Promise<RejectedRows> {
    await writeFile(path, '');
    return new RejectedRows(path);
  }

  get count(): number {
    return this.#count;
  }

  add(rejection: Rejection): void {
    this.#count++;
    this.#lines.push(`${JSON.stringify(rejection)}\n`);
    const { raw: _raw, ...first } = rejection;
    const key = `${first.code} ${first.column ?? ''}`;
    const reason = this.#reasons.get(key);
    if (reason === undefined) this.#reasons.set(key, { first, count: 1 });
    else reason.count++;
  }

  /** Appends what was added; to be called every few rows, as all of them may be longer than a string can be. */
  async flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0) await appendFile(this.#path, lines.join(''));
  }

  /**
   * @param keptPath where the file goes when there are too many
   * @throws REJECTED_TOO_MANY when more than the allowed share of the rows was rejected
   */
  async assertFew(numRows: number, maxFraction: number, keptPath: string): Promise<void> {
    if (this.#count <= maxFraction * numRows) return;
    await rename(this.#path, keptPath);
    const percent = ((100 * this.#count) / numRows).toFixed(1);
    throw new AssayError(
      'REJECTED_TOO_MANY',
      `${this.#count} of ${numRows} rows (${percent} %) were rejected; data.maxRejectedFraction allows ${maxFraction}:\n${this.#table()}\nAll of them are in ${keptPath}. Fix: repair the source, or raise data.maxRejectedFraction.`,
      { details: { numRejected: this.#count, numRows, maxFraction, path: keptPath } },
    );
  }

  /** Counts by code and column as a plain text table, with the line and the message of the first of each. */
  #table(): string {
    const rows = [...this.#reasons.values()]
      .sort((a, b) => b.count - a.count)
      .map(({ first, count }) => [
        String(count),
        first.code,
        first.column ?? '(row)',
        `${first.source}:${first.line}: ${first.message}`,
      ]);
    const table = [['count', 'code', 'column', 'first'], ...rows];
    const widths = [0, 1, 2].map((i) => Math.max(...table.map((cells) => cells[i]?.length ?? 0)));
    return table
      .map((cells) => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
      .join('\n');
  }
}
