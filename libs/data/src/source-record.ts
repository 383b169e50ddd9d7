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

/**
 * Makes the function that turns the cells of a row into a record. What follows from the config alone is worked out once.
 *
 * @param header columns of the rows
 * @param messagesColumn column with the messages of a conversation, if records are conversations
 * @returns a function that throws RECORD_INVALID or LABEL_UNKNOWN with the column in `details.column`
 */
export function rowParser(
  data: DataConfig,
  header: readonly string[],
  messagesColumn?: string,
): (cells: readonly CellValue[]) => ParsedRow {
  const { columns, split } = data;
  const positions = new Map(header.map((column, index) => [column, index]));
  let row: readonly CellValue[] = [];
  const valueOf = (column: string): CellValue | undefined => row[positions.get(column) ?? -1];
  const cell = (column: string): string => scalarText(valueOf(column), column);
  const textOf = (column: string): string => linesText(valueOf(column), column);
  const numberOf = (column: string): number | null => parseNumber(cell(column), column);
  const sliceOf = (column: string): string => cell(column).trim();
  const groupOf = (column: string): string | null => cell(column).trim() || null;
  const texts = Object.entries(columns.text);
  const [numeric, categorical, slices] = [columns.numeric, columns.categorical, columns.slices].map(pairs);
  const [groupColumn, ...moreGroupColumns] = groupColumnsOf(columns);
  const imageColumns = imageColumnsOf(columns);
  const splitOf = split.strategy === 'column' ? splitParser(split) : undefined;
  return (cells) => {
    row = cells;
    const messages =
      messagesColumn === undefined ? undefined : parseMessages(valueOf(messagesColumn), messagesColumn);
    const id = cell(columns.id).trim();
    if (id === '') throw cellError(columns.id, 'The id is empty; every record needs one.');
    const { weight, ...labels } = parseLabels(data.labels, cell);
    const text = mapValues(texts, textOf);
    if (messages !== undefined) text[MESSAGES_FIELD] = renderMessages(messages);
    const record: SourceRecord = {
      id,
      text,
      ...(messages && { messages }),
      images: imageColumns.flatMap((column) => imagePaths(valueOf(column), column, columns.images)),
      numeric: mapValues(numeric, numberOf),
      categorical: mapValues(categorical, cell),
      ...labels,
      weight:
        columns.weight === undefined ? weight : weight * parseWeight(cell(columns.weight), columns.weight),
      group: groupColumn === undefined ? null : groupOf(groupColumn),
      ...(moreGroupColumns.length > 0 && { moreGroups: moreGroupColumns.map(groupOf) }),
      timeMs: columns.time === undefined ? lastTimeOf(messages) : parseTime(cell(columns.time), columns.time),
      slices: mapValues(slices, sliceOf),
    };
    if (split.strategy === 'time' && record.timeMs === null)
      throw cellError(
        columns.time ?? 'time',
        "The time is empty; the split strategy 'time' needs one for every record.",
      );
    return splitOf === undefined ? { record } : { record, splitValue: splitOf(cell) };
  };
}

/** Makes the function that reads the split that a row names. */
function splitParser({ column, train, validation, test }: SplitByColumn): (cell: CellOfColumn) => string {
  const known = [...train, ...validation, ...test];
  return (cell) => {
    const value = cell(column).trim();
    if (known.includes(value)) return value;
    throw cellError(column, `'${shortened(value)}' is not a known split; expected ${known.join(', ')}.`);
  };
}

type SplitByColumn = Extract<DataConfig['split'], { strategy: 'column' }>;
type CellOfColumn = (column: string) => string;

/** A conversation is of the time of its last message. */
const lastTimeOf = (messages: readonly Message[] = []): number | null =>
  messages.findLast(({ timeMs }) => timeMs !== null)?.timeMs ?? null;

function parseWeight(cell: string, column: string): number {
  const weight = parseNumber(cell, column) ?? 1;
  if (weight < 0) throw cellError(column, `The weight ${weight} is negative; expected a number ≥ 0.`);
  return weight;
}

const pairs = (names: readonly string[]): [string, string][] => names.map((name) => [name, name]);

function mapValues<T>(
  entries: readonly [string, string][] | undefined,
  valueOf: (column: string) => T,
): Record<string, T> {
  const values: Record<string, T> = {};
  for (const [key, column] of entries ?? []) values[key] = valueOf(column);
  return values;
}

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
