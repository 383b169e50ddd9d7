import { nearest } from '@assay/config';
import { AssayError } from '@assay/core';

/**
 * The positions of the wanted columns in a header; of all when none are named.
 *
 * @throws COLUMN_MISSING naming those that are missing, with the nearest that is there
 * @throws FILE_CORRUPT when a wanted column is there twice
 */
export function positionsOf(
  header: readonly string[],
  wanted: readonly string[] | undefined,
  source: string,
): number[] {
  if (wanted === undefined) return header.map((_, i) => i);
  const missing = wanted.filter((column) => !header.includes(column));
  if (missing.length > 0) throw columnsMissing(missing, header, source);
  const twice = wanted.find((column) => header.indexOf(column) !== header.lastIndexOf(column));
  if (twice !== undefined)
    throw new AssayError(
      'FILE_CORRUPT',
      `${source} has the column '${twice}' twice. Fix: rename or drop one of them.`,
      { details: { source, column: twice } },
    );
  return wanted.map((column) => header.indexOf(column));
}

/**
 * COLUMN_MISSING naming each column with the nearest that is there.
 *
 * @param header columns of the source; empty when it has none
 * @param keyOf gives the key of the config that names a column, where there is a config
 */
export function columnsMissing(
  missing: readonly string[],
  header: readonly string[],
  source: string,
  keyOf?: (column: string) => string,
): AssayError {
  const lines = missing.map((column) => {
    const key = keyOf === undefined ? '' : ` (${keyOf(column)})`;
    const guess = nearest(column, header);
    return `  - '${column}'${key}${guess === undefined ? '' : `; did you mean '${guess}'?`}`;
  });
  const what = missing.length === 1 ? 'a column' : `${missing.length} columns`;
  const whose = keyOf === undefined ? '' : ' that the config names';
  const has = header.length === 0 ? '' : `It has: ${header.join(', ')}. `;
  return new AssayError(
    'COLUMN_MISSING',
    `${source} lacks ${what}${whose}:\n${lines.join('\n')}\n${has}Fix: correct the names in the config.`,
    { details: { missing, header, source } },
  );
}

/** Notes which wanted columns were in any row, for files whose rows need not all have the same. */
export class SeenColumns {
  readonly #columns: readonly string[];
  readonly #wasSeen: boolean[];

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#wasSeen = columns.map(() => false);
  }

  readonly add = (index: number): void => void (this.#wasSeen[index] = true);

  /** @throws COLUMN_MISSING when a column was in no row: nothing else tells a misspelt name */
  assertAll(files: readonly string[]): void {
    const missing = this.#columns.filter((_, i) => this.#wasSeen[i] !== true);
    if (missing.length === 0) return;
    throw new AssayError(
      'COLUMN_MISSING',
      `No row of ${files.join(', ')} has ${missing.map((column) => `'${column}'`).join(', ')}. Fix: correct the names in the config.`,
      { details: { missing, header: [], source: files.join(', ') } },
    );
  }
}

/** @throws FILE_CORRUPT naming the first difference, when two files of a source have different columns */
export function assertSameHeader(first: FileHeader, other: FileHeader): void {
  const length = Math.max(first.header.length, other.header.length);
  for (let i = 0; i < length; i++) {
    if (first.header[i] === other.header[i]) continue;
    const name = (column: string | undefined): string => (column === undefined ? 'nothing' : `'${column}'`);
    throw new AssayError(
      'FILE_CORRUPT',
      `The files of a source need the same columns in the same order: column ${i + 1} is ${name(first.header[i])} in ${first.source} and ${name(other.header[i])} in ${other.source}. Fix: give them one header, or read them as two sources.`,
      { details: { source: other.source, position: i + 1 } },
    );
  }
}

export interface FileHeader {
  source: string;
  header: readonly string[];
}
