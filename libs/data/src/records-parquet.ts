import { join } from 'node:path';
import { literal, pathLiteral, quoted, withDuckDb } from './duckdb.js';
import { recordsPath } from './prepared-record.js';
import { SPLITS, type Split } from './split-key.js';

/** Path of the table of all records in a stage directory. */
export const recordsParquetPath = (dir: string): string => join(dir, 'records.parquet');

/** Names of what the records hold. */
interface RecordColumns {
  text: readonly string[];
  classes: readonly string[];
  slices: readonly string[];
}

/**
 * Writes the records of all splits as one Parquet file, for people and their tools: `split`, `id`, `source`, `line`, `text.<field>`,
 * `label.<class>` (null is unknown), `weight`, `group`, `time`, `slice.<column>`, `images` and
 * `imageSha256`.
 *
 * @param dir the stage directory with `records/<split>.jsonl`; the file `records.parquet` is written there
 */
export async function writeRecordsParquet(
  dir: string,
  { text, classes, slices }: RecordColumns,
): Promise<void> {
  const struct = (names: readonly string[]): string =>
    `STRUCT(${names.map((name) => `${quoted(name)} VARCHAR`).join(', ')})`;
  const types = {
    id: 'VARCHAR',
    source: 'VARCHAR',
    line: 'BIGINT',
    ...(text.length > 0 && { text: struct(text) }),
    images: 'VARCHAR[]',
    imageDigests: 'VARCHAR[]',
    labels: 'DOUBLE[]',
    weight: 'DOUBLE',
    group: 'VARCHAR',
    timeMs: 'BIGINT',
    ...(slices.length > 0 && { slices: struct(slices) }),
  };
  const columns = Object.entries(types).map(([name, type]) => `${quoted(name)}: ${literal(type)}`);
  const source = (split: Split): string =>
    `read_json(${pathLiteral(recordsPath(dir, split))}, format = 'newline_delimited', maximum_object_size = ${MAX_LINE_BYTES}, columns = {${columns.join(', ')}})`;
  const wanted = [
    'id',
    'source',
    'line',
    ...text.map((name) => `text.${quoted(name)} AS ${quoted(`text.${name}`)}`),
    ...classes.map((name, k) => `labels[${k + 1}] AS ${quoted(`label.${name}`)}`),
    'weight',
    '"group"',
    'make_timestamp_ms("timeMs") AS "time"',
    ...slices.map((name) => `slices.${quoted(name)} AS ${quoted(`slice.${name}`)}`),
    'images',
    '"imageDigests" AS "imageSha256"',
  ].join(', ');
  const rows = SPLITS.map((split) => `SELECT ${literal(split)} AS split, ${wanted} FROM ${source(split)}`);
  await withDuckDb((query) =>
    query(
      `COPY (${rows.join(' UNION ALL ')}) TO ${literal(recordsParquetPath(dir))} (FORMAT parquet, COMPRESSION zstd)`,
    ),
  );
}

/** A record is one line; the texts of the longest conversations fit. */
const MAX_LINE_BYTES = 2 ** 28;
