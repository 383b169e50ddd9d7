import type { PreparedDiff } from '@assay/data';
import { print, table } from './output.js';

/** Names of files that are printed. */
const MAX_FILES = 5;

/** Prints a difference as tables, and only those that have rows. */
export function reportDiff({
  rows,
  added,
  removed,
  moved,
  changed,
  labels,
  columns,
  preprocessor,
  files,
}: PreparedDiff): void {
  print(
    table([
      ['split', 'before', 'after'],
      ...Object.entries(rows).map(([split, sizes]) => [split, String(sizes.before), String(sizes.after)]),
    ]),
  );
  const section = (title: string, head: string[], body: string[][]): void => {
    if (body.length > 0) print(`\n${title}\n${table([head, ...body])}`);
  };
  const examples = ({ count, ids }: { count: number; ids: string[] }): string[] => [
    String(count),
    ids.length < count ? `${ids.join(', ')}, …` : ids.join(', '),
  ];
  const head = ['records', 'ids'];
  section(
    'added',
    ['split', ...head],
    added.map((item) => [item.split, ...examples(item)]),
  );
  section(
    'removed',
    ['split', ...head],
    removed.map((item) => [item.split, ...examples(item)]),
  );
  section(
    'moved',
    ['from', 'to', ...head],
    moved.map((item) => [item.from, item.to, ...examples(item)]),
  );
  section(
    'changed',
    ['column', ...head],
    changed.map((item) => [item.column, ...examples(item)]),
  );
  section(
    'labels',
    ['class', 'from', 'to', 'records'],
    labels.map((item) => [item.class, labelText(item.from), labelText(item.to), String(item.count)]),
  );
  section(
    'columns',
    ['column', 'is'],
    [...columns.added.map((name) => [name, 'new']), ...columns.removed.map((name) => [name, 'gone'])],
  );
  if (preprocessor) print('\nThe fitted preprocessors differ.');
  if (files.length > 0) print(`\n${otherFiles(files)}`);
}

function otherFiles(files: readonly string[]): string {
  const names = files.slice(0, MAX_FILES).join(', ');
  return `${files.length} of the files that models read hold other bytes: ${names}${files.length > MAX_FILES ? ', …' : ''}`;
}

const labelText = (label: number | null): string => (label === null ? 'unknown' : String(label));
