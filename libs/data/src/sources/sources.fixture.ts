import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { openSource } from './open-source.js';
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
