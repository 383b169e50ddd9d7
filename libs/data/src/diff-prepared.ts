import type { Manifest } from '@assay/core';
import { literal, pathLiteral, quoted, withDuckDb, type Query } from './duckdb.js';
import type { PreparedData } from './prepared-data.js';
import { recordsParquetPath } from './records-parquet.js';
import { SPLITS, type Split } from './split-key.js';

interface Examples {
  count: number;
  /** The first five ids, in order. */
  ids: string[];
}

/** What changed between two prepared sets. Records are the same when their ids are. */
export interface PreparedDiff {
  /** Records of each split in the first set and in the second. */
  rows: Record<Split, { before: number; after: number }>;
  /** Records that only the second set has, by split. */
  added: (Examples & { split: Split })[];
  /** Records that only the first set has, by split. */
  removed: (Examples & { split: Split })[];
  /** Records that lie in another split. */
  moved: (Examples & { from: Split; to: Split })[];
  /** Records with another value in a column of `records.parquet`, for the columns where there are any. */
  changed: (Examples & { column: string })[];
  /** Labels by class: how many went from one value to another; null is unknown. */
  labels: { class: string; from: number | null; to: number | null; count: number }[];
  /** Columns that only one of both has. */
  columns: { added: string[]; removed: string[] };
  /** Whether the fitted preprocessors differ. */
  preprocessor: boolean;
  /** Files of shards, records, labels and the preprocessor that only one has, or that hold other bytes in both. */
  files: string[];
}

/**
 * Compares two prepared sets by the ids of their records.
 *
 * @throws FILE_CORRUPT when a set has no `records.parquet`
 */
export async function diffPrepared(before: PreparedData, after: PreparedData): Promise<PreparedDiff> {
  const facts = await withDuckDb(async (query) => {
    for (const [name, { dir }] of [
      ['a', before],
      ['b', after],
    ] as const)
      await query(
        `CREATE VIEW ${name} AS SELECT * FROM read_parquet(${pathLiteral(recordsParquetPath(dir))})`,
      );
    const [ofBefore, ofAfter] = [await columnsOf(query, 'a'), await columnsOf(query, 'b')];
    const common = ofBefore.filter((name) => ofAfter.includes(name));
    return {
      added: await onlyIn(query, 'b', 'a'),
      removed: await onlyIn(query, 'a', 'b'),
      moved: await query<PreparedDiff['moved'][number]>(
        `SELECT a.split AS "from", b.split AS "to", ${examples()} FROM a JOIN b USING (id) WHERE a.split <> b.split GROUP BY ALL ORDER BY count DESC, "from", "to"`,
      ),
      changed: await changedColumns(query, common),
      labels: await changedLabels(query, common),
      columns: {
        added: ofAfter.filter((name) => !common.includes(name)),
        removed: ofBefore.filter((name) => !common.includes(name)),
      },
    };
  });
  const sizes = (split: Split): [Split, { before: number; after: number }] => [
    split,
    { before: before.numRows(split), after: after.numRows(split) },
  ];
  return {
    rows: Object.fromEntries(SPLITS.map(sizes)) as PreparedDiff['rows'], // one for every split
    ...facts,
    preprocessor: before.preprocessor.digest !== after.preprocessor.digest,
    files: otherFiles(before.manifest, after.manifest),
  };
}

/** What training and evaluation read; the rest follows from it, or is for people. */
const DATA_FILE = /^(shards\/|records\/|labels\.json$|preprocessor\.json$)/;

const otherFiles = ({ files: before }: Manifest, { files: after }: Manifest): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => DATA_FILE.test(path) && before[path]?.sha256 !== after[path]?.sha256)
    .sort();

/**
 * Whether two sets are the same, to the last byte of what models read. Where only `files` differ, the rows have another
 * order, or other code wrote them.
 */
export const isSame = ({
  added,
  removed,
  moved,
  changed,
  columns,
  preprocessor,
  files,
}: PreparedDiff): boolean =>
  !preprocessor &&
  [added, removed, moved, changed, columns.added, columns.removed, files].every(({ length }) => length === 0);

/** Number and first ids of the records of a group. */
const examples = (condition = 'true'): string =>
  `count(*) FILTER (${condition})::INTEGER AS count, coalesce((list(id ORDER BY id) FILTER (${condition}))[1:5], []) AS ids`;

const columnsOf = async (query: Query, table: string): Promise<string[]> =>
  (await query<{ column_name: string }>(`DESCRIBE ${table}`)).map(({ column_name: name }) => name);

const onlyIn = (query: Query, table: string, other: string): Promise<PreparedDiff['added']> =>
  query(
    `SELECT split, ${examples()} FROM ${table} ANTI JOIN ${other} USING (id) GROUP BY ALL ORDER BY split`,
  );

/** Places, not content: the line of a record changes with every row before it. */
const PLACES = new Set(['id', 'split', 'line']);

async function changedColumns(query: Query, columns: readonly string[]): Promise<PreparedDiff['changed']> {
  const parts = columns
    .filter((name) => !PLACES.has(name))
    .map(
      (name) =>
        `SELECT ${literal(name)} AS "column", ${examples(`a.${quoted(name)} IS DISTINCT FROM b.${quoted(name)}`)} FROM a JOIN b USING (id)`,
    );
  const rows = await query<PreparedDiff['changed'][number]>(parts.join(' UNION ALL '));
  return rows.filter(({ count }) => count > 0);
}

async function changedLabels(query: Query, columns: readonly string[]): Promise<PreparedDiff['labels']> {
  const classes = columns.filter((name) => name.startsWith('label.'));
  const parts = classes.map(
    (name) =>
      `SELECT ${literal(name.slice('label.'.length))} AS class, a.${quoted(name)} AS "from", b.${quoted(name)} AS "to", count(*)::INTEGER AS count FROM a JOIN b USING (id) WHERE "from" IS DISTINCT FROM "to" GROUP BY ALL`,
  );
  if (parts.length === 0) return [];
  return query(`SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY class, count DESC, "from", "to"`);
}
