import type { LabelsConfig } from '@assay/config';
import { cellError, parseNumber, shortened } from './parse-cell.js';

export interface ParsedLabels {
  /** Probability per class on the axis K; null is unknown. */
  labels: (number | null)[];
  /** Position of the one class of a multi-class record; null when unknown, tied, or multi-label. */
  classIndex: number | null;
  /** Factor of the record's weight: its votes, or 1. */
  weight: number;
}

type CellOfColumn = (column: string) => string;
type MultiLabel = Extract<LabelsConfig, { kind: 'multi-label' }>;
type MultiClass = Extract<LabelsConfig, { kind: 'multi-class' }>;

/** A share of votes with their number, or a label without votes. */
interface Voted {
  label: number | null;
  votes: number;
}

/**
 * Labels of one record. Multi-label: 1, 0 or null a policy, or the share of the raters who said yes. Multi-class: the
 * shares of the raters' votes where every class has a votes column, else 1 for the class in `column`.
 *
 * @param cell gives the cell of a column
 * @throws LABEL_UNKNOWN when a label has a value that the config does not list
 * @throws RECORD_INVALID when votes are not numbers ≥ 0
 */
export const parseLabels = (config: LabelsConfig, cell: CellOfColumn): ParsedLabels =>
  config.kind === 'multi-class' ? parseMultiClass(config, cell) : parseMultiLabel(config, cell);

function parseMultiLabel({ policies, weightByVotes }: MultiLabel, cell: CellOfColumn): ParsedLabels {
  const voted = policies.map((policy) => parsePolicy(policy, cell));
  const numbers = voted.flatMap(({ votes }) => (votes > 0 ? [votes] : []));
  return {
    labels: voted.map(({ label }) => label),
    classIndex: null,
    weight: weightByVotes && numbers.length > 0 ? sum(numbers) / numbers.length : 1,
  };
}

function parsePolicy(
  { name, column = '', positive, negative, votes }: MultiLabel['policies'][number],
  cell: CellOfColumn,
): Voted {
  if (votes !== undefined) {
    const [yes, no] = [parseVotes(cell, votes.positive), parseVotes(cell, votes.negative)];
    return { label: yes + no === 0 ? null : yes / (yes + no), votes: yes + no };
  }
  const value = cell(column).trim();
  if (value === '') return { label: null, votes: 0 };
  if (positive.includes(value)) return { label: 1, votes: 0 };
  if (negative.includes(value)) return { label: 0, votes: 0 };
  throw cellError(
    column,
    `'${shortened(value)}' is not a known label; expected ${[...positive, ...negative].join(', ')}, or an empty cell for unknown. Fix: list the cells that mean a violation under data.labels.policies.${name}.positive, the others under negative.`,
    'LABEL_UNKNOWN',
  );
}

function parseMultiClass(config: MultiClass, cell: CellOfColumn): ParsedLabels {
  const chosen = config.column === undefined ? null : chosenClass(config, config.column, cell);
  const counts = votesByClass(config, cell);
  const total = sum(counts);
  const weight = config.weightByVotes && total > 0 ? total : 1;
  if (total > 0) {
    const shares = counts.map((count) => count / total);
    return {
      labels: shares,
      classIndex: config.column === undefined ? onlyLargest(shares) : chosen,
      weight,
    };
  }
  const labels = config.classes.map((_, k) => (chosen === null ? null : Number(k === chosen)));
  return { labels, classIndex: chosen, weight };
}

function chosenClass({ classes }: MultiClass, column: string, cell: CellOfColumn): number | null {
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

/** Number of votes of each class; none when not every class has a votes column. */
function votesByClass({ classes }: MultiClass, cell: CellOfColumn): number[] {
  const columns = classes.map(({ votes }) => votes).filter((votes) => votes !== undefined);
  return columns.length < classes.length ? [] : columns.map((column) => parseVotes(cell, column));
}

/** An empty cell is no vote. */
function parseVotes(cell: CellOfColumn, column: string): number {
  const count = parseNumber(cell(column), column) ?? 0;
  if (count < 0) throw cellError(column, `${count} votes; expected a number ≥ 0.`);
  return count;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Position of the largest value, or null when two are largest. */
function onlyLargest(values: readonly number[]): number | null {
  const largest = Math.max(...values);
  return values.indexOf(largest) === values.lastIndexOf(largest) ? values.indexOf(largest) : null;
}
