import { posix } from 'node:path';
import type { DataConfig } from '@assay/config';
import type { LabelledRecord } from '@assay/preprocess';
import { cellError, parseNumber, parseTime, shortened } from './parse-cell.js';
import { parseLabels } from './parse-labels.js';
import type { CellOf } from './source-columns.js';

/** A record as a source gives it: with the paths of its images, which nobody has opened yet. */
export interface SourceRecord extends Omit<LabelledRecord, 'images'> {
  /** Paths relative to the data root, with forward slashes. */
  images: string[];
  /** Position of the one class of a multi-class record; null when unknown, tied, or multi-label. */
  classIndex: number | null;
}

export interface ParsedRow {
  record: SourceRecord;
  /** Cell of the split column, when the config names one. */
  splitValue?: string;
}

/**
 * Turns the cells of a row into a record.
 *
 * @throws RECORD_INVALID or LABEL_UNKNOWN with the column in `details.column`
 */
export function parseRow(cells: readonly string[], cellOf: CellOf, data: DataConfig): ParsedRow {
  const { columns, split } = data;
  const cell = (column: string): string => cellOf(cells, column);
  const id = cell(columns.id).trim();
  if (id === '') throw cellError(columns.id, 'The id is empty; every record needs one.');
  const { weight, ...labels } = parseLabels(data.labels, cell);
  const record: SourceRecord = {
    id,
    text: mapValues(Object.entries(columns.text), cell),
    images: columns.images === undefined ? [] : imagePaths(cell(columns.images.column), columns.images),
    numeric: mapValues(pairs(columns.numeric), (column) => parseNumber(cell(column), column)),
    categorical: mapValues(pairs(columns.categorical), cell),
    ...labels,
    weight: weight * (columns.weight === undefined ? 1 : parseWeight(cell(columns.weight), columns.weight)),
    group: columns.group === undefined ? null : cell(columns.group).trim() || null,
    timeMs: columns.time === undefined ? null : parseTime(cell(columns.time), columns.time),
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

type ImageColumn = NonNullable<DataConfig['columns']['images']>;

function imagePaths(cell: string, { column, separator, directory }: ImageColumn): string[] {
  const names = cell
    .split(separator)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.map((name) => {
    const path = posix.normalize(name.replaceAll('\\', '/'));
    if (posix.isAbsolute(path) || path === '..' || path.startsWith('../') || path.includes('\0')) {
      throw cellError(
        column,
        `The image path '${shortened(name)}' leaves the folder of the images; expected a path inside it.`,
      );
    }
    return posix.join(directory, path);
  });
}
