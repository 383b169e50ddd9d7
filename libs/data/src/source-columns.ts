import type { DataConfig } from '@assay/config';

/** A column that the config names, with the key that names it. */
export interface NamedColumn {
  key: string;
  column: string;
}

/** Every column that the config names; those of messages that come row by row are not among them. */
export function columnsOf({ columns, labels, split }: DataConfig): NamedColumn[] {
  const named = (key: string, ...names: (string | undefined)[]): NamedColumn[] =>
    names.flatMap((column) => (column === undefined ? [] : [{ key, column }]));
  const labelColumns =
    labels.kind === 'multi-label'
      ? labels.policies.flatMap(({ name, column, votes }) => [
          ...named(`data.labels.policies.${name}.column`, column),
          ...named(`data.labels.policies.${name}.votes.positive`, votes?.positive),
          ...named(`data.labels.policies.${name}.votes.negative`, votes?.negative),
        ])
      : [
          ...named('data.labels.column', labels.column),
          ...labels.classes.flatMap(({ name, votes }) => named(`data.labels.classes.${name}.votes`, votes)),
        ];
  const { messages } = columns;
  return [
    ...named('data.columns.id', columns.id),
    ...Object.entries(columns.text).flatMap(([field, column]) => named(`data.columns.text.${field}`, column)),
    ...named('data.columns.messages.column', messages?.layout === 'list' ? messages.column : undefined),
    ...named('data.columns.images.column', ...imageColumnsOf(columns)),
    ...named('data.columns.numeric', ...columns.numeric),
    ...named('data.columns.categorical', ...columns.categorical),
    ...named('data.columns.group', ...groupColumnsOf(columns)),
    ...named('data.columns.time', columns.time),
    ...named('data.columns.weight', columns.weight),
    ...named('data.columns.slices', ...columns.slices),
    ...labelColumns,
    ...named('data.split.column', split.strategy === 'column' ? split.column : undefined),
  ];
}

/** Columns whose equal values must stay in one split. */
export const groupColumnsOf = ({ group }: DataConfig['columns']): string[] => [group ?? []].flat();

/** Columns with the paths of images. */
export const imageColumnsOf = ({ images }: DataConfig['columns']): string[] => [images?.column ?? []].flat();

/** Columns whose messages come row by row. */
export function messageColumnsOf({ columns: { messages } }: DataConfig): NamedColumn[] {
  if (messages?.layout !== 'rows') return [];
  const { conversation, role, text, time } = messages;
  return Object.entries({ conversation, role, text, time }).flatMap(([name, column]) =>
    column === undefined ? [] : [{ key: `data.columns.messages.${name}`, column }],
  );
}
