import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import fc from 'fast-check';
import { openSource } from './open-source.js';
import type { RowParser } from './row-blocks.js';
import type { CellValue, RejectedRow, Source, SourceRow, SourceSpec } from './source.js';

export interface ReadRows {
  header: readonly string[];
  rows: SourceRow[];
  rejected: RejectedRow[];
}

/** Reads a source to its end. */
export async function readAll(source: Source): Promise<ReadRows> {
  const read: ReadRows = { header: source.header, rows: [], rejected: [] };
  for await (const { rows, rejected } of source.blocks()) {
    read.rows.push(...rows);
    read.rejected.push(...rejected);
  }
  return read;
}

/** Writes files into a folder that is removed afterwards, and reads the source that they are. */
export const readFiles = (
  files: Readonly<Record<string, string | Uint8Array>>,
  spec: Partial<SourceSpec> = {},
): Promise<ReadRows> =>
  withTempDir(async (dir) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
    return readAll(await openSource({ path: Object.keys(files), ...spec }, dir));
  });

export const cellsOf = ({ rows }: ReadRows): (readonly CellValue[])[] => rows.map(({ cells }) => cells);

export const linesOf = ({ rows }: ReadRows): number[] => rows.map(({ line }) => line);

/** Gives a parser the bytes up to each cut as soon as they are there, and overwrites what it should not look at again. */
export function parseCut(
  parser: RowParser,
  bytes: Buffer,
  cuts: readonly number[],
): Omit<ReadRows, 'header'> {
  const read: Omit<ReadRows, 'header'> = { rows: [], rejected: [] };
  const ends = cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b);
  let used = 0;
  for (const end of [...ends, bytes.length, null]) {
    const pending = Buffer.from(bytes.subarray(used, end ?? bytes.length));
    const { rows, rejected, usedBytes, numRows } = parser.parse(pending, end === null);
    pending.fill('"');
    expect(numRows).toBe(rows.length + rejected.length);
    used += usedBytes;
    read.rows.push(...rows);
    read.rejected.push(...rejected);
  }
  return read;
}

/** Positions at which bytes are cut: a few, or all. */
export const cutsArbitrary = fc.oneof(
  fc.array(fc.nat(200), { minLength: 1, maxLength: 6 }),
  fc.constant(Array.from({ length: 300 }, (_, i) => i)),
);
