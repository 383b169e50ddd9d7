import type { LabelsConfig } from '@assay/config';
import { cellError, parseNumber, shortened } from './parse-cell.js';

export interface ParsedLabels {
  /** Probability per class on the axis K; null is unknown. */
  labels: (number | null)[];
  /** Position of the one class of a multi-class record; null when unknown, tied, or multi-label. */
  classIndex: number | null;
}

type MultiClass = Extract<LabelsConfig, { kind: 'multi-class' }>;

/**
 * Labels of one record. Multi-label: 1, 0 or null a policy. Multi-class: the shares of the raters' votes where every
 * class has a votes column, else 1 for the class in `column`.
 *
 * @param cell gives the cell of a column
 * @throws LABEL_UNKNOWN when a label has a value that the config does not list
 * @throws RECORD_INVALID when votes are not numbers ≥ 0
 */
export function parseLabels(config: LabelsConfig, cell: (column: string) => string): ParsedLabels {
  if (config.kind === 'multi-class') return parseMultiClass(config, cell);
  const labels = config.policies.map(({ column, positive, negative }) => {
    const value = cell(column).trim();
    if (value === '') return null;
    if (positive.includes(value)) return 1;
    if (negative.includes(value)) return 0;
    throw cellError(
      column,
      `'${shortened(value)}' is not a known label; expected ${[...positive, ...negative].join(', ')}, or an empty cell for unknown.`,
      'LABEL_UNKNOWN',
    );
  });
  return { labels, classIndex: null };
}

function parseMultiClass(config: MultiClass, cell: (column: string) => string): ParsedLabels {
  const chosen = config.column === undefined ? null : chosenClass(config, config.column, cell);
  const votes = voteShares(config, cell);
  if (votes !== null)
    return { labels: votes, classIndex: config.column === undefined ? onlyLargest(votes) : chosen };
  const labels = config.classes.map((_, k) => (chosen === null ? null : Number(k === chosen)));
  return { labels, classIndex: chosen };
}

function chosenClass(
  { classes }: MultiClass,
  column: string,
  cell: (column: string) => string,
): number | null {
  const value = cell(column).trim();
  if (value === '') return null;
  const values = classes.map((item) => item.value ?? item.name);
  const index = values.indexOf(value);
  if (index === -1)
    throw cellError(
      column,
      `'${shortened(value)}' is not a known class; expected ${values.join(', ')}, or an empty cell for unknown.`,
      'LABEL_UNKNOWN',
    );
  return index;
}

/** Share of the votes per class, or null when not every class has a votes column or nobody voted. */
function voteShares({ classes }: MultiClass, cell: (column: string) => string): number[] | null {
  const columns = classes.map(({ votes }) => votes).filter((votes) => votes !== undefined);
  if (columns.length < classes.length) return null;
  const counts = columns.map((column) => {
    const count = parseNumber(cell(column), column) ?? 0;
    if (count < 0) throw cellError(column, `${count} votes; expected a number ≥ 0.`);
    return count;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : counts.map((count) => count / total);
}

/** Position of the largest value, or null when two are largest. */
function onlyLargest(values: readonly number[]): number | null {
  const largest = Math.max(...values);
  return values.indexOf(largest) === values.lastIndexOf(largest) ? values.indexOf(largest) : null;
}
