import { posix } from 'node:path';
import { MESSAGES_FIELD, type DataConfig } from '@assay/config';
import { renderMessages, type LabelledRecord } from '@assay/preprocess';
import { isList, linesText, scalarText } from './cell-text.js';
import { cellError, parseNumber, parseTime, shortened } from './parse-cell.js';
import { parseLabels } from './parse-labels.js';
import { parseMessages, type Message } from './parse-messages.js';
import { groupColumnsOf, imageColumnsOf } from './source-columns.js';
import type { CellValue } from './sources/source.js';

/** A record as a source gives it: with the paths of its images, which nobody has opened yet. */
export interface SourceRecord extends Omit<LabelledRecord, 'images'> {
  /** Paths relative to the data root, with forward slashes. */
  images: string[];
  /** Position of the one class of a multi-class record; null when unknown, tied, or multi-label. */
  classIndex: number | null;
  /** Values of the second and further group columns; nothing when there are none. */
  moreGroups?: (string | null)[];
  /** The messages of a conversation, in their order; nothing when records are none. */
  messages?: Message[];
}

export interface ParsedRow {
  record: SourceRecord;
  /** Cell of the split column, when the config names one. */
  splitValue?: string;
}

/** Gives the cells of one row by the names of their columns. */
export type RowCells = (column: string) => CellValue | undefined;

/**
 * Turns the cells of a row into a record.
 *
 * @param messagesColumn column with the messages of a conversation, if records are conversations
 * @throws RECORD_INVALID or LABEL_UNKNOWN with the column in `details.column`
 */
export function parseRow(cells: RowCells, data: DataConfig, messagesColumn?: string): ParsedRow {
  const { columns, split } = data;
  const cell = (column: string): string => scalarText(cells(column), column);
  const messages =
    messagesColumn === undefined ? undefined : parseMessages(cells(messagesColumn), messagesColumn);
  const id = cell(columns.id).trim();
  if (id === '') throw cellError(columns.id, 'The id is empty; every record needs one.');
  const { weight, ...labels } = parseLabels(data.labels, cell);
  const record: SourceRecord = {
    id,
    text: {
      ...mapValues(Object.entries(columns.text), (column) => linesText(cells(column), column)),
      ...(messages && { [MESSAGES_FIELD]: renderMessages(messages) }),
    },
    ...(messages && { messages }),
    images: imageColumnsOf(columns).flatMap((column) => imagePaths(cells(column), column, columns.images)),
    numeric: mapValues(pairs(columns.numeric), (column) => parseNumber(cell(column), column)),
    categorical: mapValues(pairs(columns.categorical), cell),
    ...labels,
    weight: weight * (columns.weight === undefined ? 1 : parseWeight(cell(columns.weight), columns.weight)),
    ...groupsOf(columns, cell),
    timeMs: columns.time === undefined ? lastTimeOf(messages) : parseTime(cell(columns.time), columns.time),
    slices: mapValues(pairs(columns.slices), (column) => cell(column).trim()),
  };
  if (split.strategy === 'time' && record.timeMs === null) {
    throw cellError(
      columns.time ?? 'time',
      "The time is empty; the split strategy 'time' needs one for every record.",
    );
  }
  if (split.strategy !== 'column') return { record };
  const splitValue = cell(split.column).trim();
  const known = [...split.train, ...split.validation, ...split.test];
  if (known.includes(splitValue)) return { record, splitValue };
  throw cellError(
    split.column,
    `'${shortened(splitValue)}' is not a known split; expected ${known.join(', ')}.`,
  );
}

function groupsOf(
  columns: DataConfig['columns'],
  cell: (column: string) => string,
): Pick<SourceRecord, 'group' | 'moreGroups'> {
  const [group = null, ...moreGroups] = groupColumnsOf(columns).map((column) => cell(column).trim() || null);
  return { group, ...(moreGroups.length > 0 && { moreGroups }) };
}

/** A conversation is of the time of its last message. */
const lastTimeOf = (messages: readonly Message[] = []): number | null =>
  messages.findLast(({ timeMs }) => timeMs !== null)?.timeMs ?? null;

function parseWeight(cell: string, column: string): number {
  const weight = parseNumber(cell, column) ?? 1;
  if (weight < 0) throw cellError(column, `The weight ${weight} is negative; expected a number ≥ 0.`);
  return weight;
}

const pairs = (names: readonly string[]): [string, string][] => names.map((name) => [name, name]);

const mapValues = <T>(
  entries: readonly [string, string][],
  valueOf: (column: string) => T,
): Record<string, T> => Object.fromEntries(entries.map(([key, column]) => [key, valueOf(column)]));

/** @throws RECORD_INVALID when a path leaves the folder of the images */
function imagePaths(
  cell: CellValue | undefined,
  column: string,
  { separator, directory }: { separator: string; directory: string } = { separator: '|', directory: '.' },
): string[] {
  const names = isList(cell)
    ? cell.map((item) => scalarText(item, column))
    : scalarText(cell, column).split(separator);
  return names
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => posix.join(directory, pathInside(name, column)));
}

function pathInside(name: string, column: string): string {
  const path = posix.normalize(name.replaceAll('\\', '/'));
  if (!posix.isAbsolute(path) && path !== '..' && !path.startsWith('../')) return path;
  throw cellError(
    column,
    `The image path '${shortened(name)}' leaves the folder of the images; expected a path inside it.`,
  );
}
