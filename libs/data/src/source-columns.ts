import { nearest, type DataConfig } from '@assay/config';
import { AssayError } from '@assay/core';

/** Every column that the config names, with the key that names it. */
function columnsOf({ columns, labels, split }: DataConfig): [key: string, column: string][] {
  const optional = (key: string, column: string | undefined): [string, string][] =>
    column === undefined ? [] : [[key, column]];
  const each = (key: string, names: readonly string[]): [string, string][] =>
    names.map((name) => [key, name]);
  const labelColumns: [string, string][] =
    labels.kind === 'multi-label'
      ? labels.policies.flatMap(({ name, column, votes }) => [
          ...optional(`data.labels.policies.${name}.column`, column),
          ...optional(`data.labels.policies.${name}.votes.positive`, votes?.positive),
          ...optional(`data.labels.policies.${name}.votes.negative`, votes?.negative),
        ])
      : [
          ...optional('data.labels.column', labels.column),
          ...labels.classes.flatMap(({ name, votes }) =>
            optional(`data.labels.classes.${name}.votes`, votes),
          ),
        ];
  return [
    ['data.columns.id', columns.id],
    ...Object.entries(columns.text).map(([field, column]): [string, string] => [
      `data.columns.text.${field}`,
      column,
    ]),
    ...optional('data.columns.images.column', columns.images?.column),
    ...each('data.columns.numeric', columns.numeric),
    ...each('data.columns.categorical', columns.categorical),
    ...optional('data.columns.group', columns.group),
    ...optional('data.columns.time', columns.time),
    ...optional('data.columns.weight', columns.weight),
    ...each('data.columns.slices', columns.slices),
    ...labelColumns,
    ...(split.strategy === 'column' ? optional('data.split.column', split.column) : []),
  ];
}

/** Gives the cell of a column by its name. */
export type CellOf = (cells: readonly string[], column: string) => string;

/**
 * Finds the columns that the config names in the header of a source.
 *
 * @param source path of the file, for messages
 * @throws COLUMN_MISSING naming every missing column, the config key that wants it and the nearest column that is there
 * @throws FILE_CORRUPT when a column that the config names is there twice
 */
export function resolveColumns(header: readonly string[], data: DataConfig, source: string): CellOf {
  const wanted = columnsOf(data);
  const missing = wanted.filter(([, column]) => !header.includes(column));
  if (missing.length > 0) throw missingColumns(missing, header, source);
  for (const [, column] of wanted) {
    if (header.indexOf(column) !== header.lastIndexOf(column)) {
      throw new AssayError(
        'FILE_CORRUPT',
        `${source} has the column '${column}' twice. Fix: rename or drop one of them.`,
      );
    }
  }
  const indexOf = new Map(header.map((column, index) => [column, index]));
  return (cells, column) => cells[indexOf.get(column) ?? -1] ?? '';
}

function missingColumns(
  missing: readonly [string, string][],
  header: readonly string[],
  source: string,
): AssayError {
  const lines = missing.map(([key, column]) => {
    const guess = nearest(column, header);
    return `  - '${column}' (${key})${guess === undefined ? '' : `; did you mean '${guess}'?`}`;
  });
  const what = missing.length === 1 ? 'a column' : `${missing.length} columns`;
  return new AssayError(
    'COLUMN_MISSING',
    `${source} lacks ${what} that the config names:\n${lines.join('\n')}\nIt has: ${header.join(', ')}. Fix: correct the names in the config.`,
    { details: { missing: missing.map(([, column]) => column) } },
  );
}
