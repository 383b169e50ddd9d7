import { join } from 'node:path';
import { classNames, textFieldsOf, type DataConfig } from '@assay/config';
import { literal, pathLiteral, quoted, withDuckDb } from './duckdb.js';
import { recordsPath } from './prepared-record.js';
import { groupColumnsOf } from './source-columns.js';
import { SPLITS, type Split } from './split-key.js';

/** Path of the table of all records in a stage directory. */
export const recordsParquetPath = (dir: string): string => join(dir, 'records.parquet');

/** Names of what the records hold. */
interface RecordColumns {
  text: readonly string[];
  numeric: readonly string[];
  categorical: readonly string[];
  classes: readonly string[];
  /** Whether a record is of one class. */
  isMultiClass: boolean;
  /** The second and further group columns. */
  moreGroups: readonly string[];
  slices: readonly string[];
  /** Whether records are conversations. */
  hasMessages: boolean;
}

/** Names of what the records of a pipeline hold. */
export const recordColumnsOf = (data: DataConfig): RecordColumns => ({
  text: textFieldsOf(data),
  numeric: data.columns.numeric,
  categorical: data.columns.categorical,
  classes: classNames(data.labels),
  isMultiClass: data.labels.kind === 'multi-class',
  moreGroups: groupColumnsOf(data.columns).slice(1),
  slices: data.columns.slices,
  hasMessages: data.columns.messages !== undefined,
});

/**
 * Writes the records of all splits as one Parquet file, for people and their tools: `split`, `id`, `source`, `line`, `unit`,
 * `text.<field>`, `numeric.<column>` and `categorical.<column>` as the source has them, `label.<class>` (null is unknown),
 * `class` of a multi-class record, `weight`, `group`, `group.<column>` for the second and further ones, `time`,
 * `slice.<column>`, `messageTimes` of a conversation, `images` and `imageSha256`.
 *
 * @param dir the stage directory with `records/<split>.jsonl`; the file `records.parquet` is written there
 */
export async function writeRecordsParquet(dir: string, names: RecordColumns): Promise<void> {
  const { text, numeric, categorical, classes, isMultiClass, moreGroups, slices, hasMessages } = names;
  const struct = (fields: readonly string[], type = 'VARCHAR'): string =>
    `STRUCT(${fields.map((name) => `${quoted(name)} ${type}`).join(', ')})`;
  const types = {
    id: 'VARCHAR',
    source: 'VARCHAR',
    line: 'BIGINT',
    unit: 'VARCHAR',
    ...(text.length > 0 && { text: struct(text) }),
    ...(numeric.length > 0 && { numeric: struct(numeric, 'DOUBLE') }),
    ...(categorical.length > 0 && { categorical: struct(categorical) }),
    images: 'VARCHAR[]',
    imageDigests: 'VARCHAR[]',
    labels: 'DOUBLE[]',
    classIndex: 'INTEGER',
    weight: 'DOUBLE',
    group: 'VARCHAR',
    ...(moreGroups.length > 0 && { moreGroups: 'VARCHAR[]' }),
    timeMs: 'BIGINT',
    ...(slices.length > 0 && { slices: struct(slices) }),
    ...(hasMessages && { messages: 'STRUCT("timeMs" BIGINT)[]' }),
  };
  const columns = Object.entries(types).map(([name, type]) => `${quoted(name)}: ${literal(type)}`);
  const source = (split: Split): string =>
    `read_json(${pathLiteral(recordsPath(dir, split))}, format = 'newline_delimited', maximum_object_size = ${MAX_LINE_BYTES}, columns = {${columns.join(', ')}})`;
  const wanted = [
    'id',
    'source',
    'line',
    'unit',
    ...text.map((name) => `text.${quoted(name)} AS ${quoted(`text.${name}`)}`),
    ...numeric.map((name) => `"numeric".${quoted(name)} AS ${quoted(`numeric.${name}`)}`),
    ...categorical.map((name) => `categorical.${quoted(name)} AS ${quoted(`categorical.${name}`)}`),
    ...classes.map((name, k) => `labels[${k + 1}] AS ${quoted(`label.${name}`)}`),
    ...(isMultiClass ? [`([${classes.map(literal).join(', ')}])["classIndex" + 1] AS "class"`] : []),
    'weight',
    '"group"',
    ...moreGroups.map((name, i) => `"moreGroups"[${i + 1}] AS ${quoted(`group.${name}`)}`),
    'make_timestamp_ms("timeMs") AS "time"',
    ...slices.map((name) => `slices.${quoted(name)} AS ${quoted(`slice.${name}`)}`),
    ...(hasMessages
      ? ['list_transform(messages, lambda each: make_timestamp_ms(each."timeMs")) AS "messageTimes"']
      : []),
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
