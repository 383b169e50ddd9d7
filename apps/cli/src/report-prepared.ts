import { join } from 'node:path';
import type { StageResult } from '@assay/core';
import { print, table } from './output.js';
import { noteStage } from './report-stage.js';
import { shortPath } from './workspace.js';

/** The splits in the order in which a model meets them. */
const SPLITS = ['train', 'validation', 'calibration', 'test'] as const;

type BySplit<T> = Record<(typeof SPLITS)[number], T>;

/** What the prepare stage writes into its manifest. */
interface PreparedSummary {
  rows: number;
  kept: number;
  purged: number;
  rejected: number;
  leaky: boolean;
  /** What the leak report did not look at, in sentences. */
  notCompared: string[];
  duplicates: { labelsDiffer: number };
  splits: BySplit<number>;
  classes: BySplit<Record<string, { known: number; positive: number }>>;
}

/**
 * Prints what became of the rows, and how the labels of each class fall into the splits.
 *
 * @param names classes in the order of the config
 */
export function reportPrepared(result: StageResult, names: readonly string[]): void {
  noteStage(result);
  const summary = result.manifest.summary as unknown as PreparedSummary; // its bytes were checked, or just written
  const { rows, kept, purged, rejected, leaky, notCompared, duplicates } = summary;
  print(`rows: ${rows}`);
  print(`kept: ${kept}`);
  print(`purged: ${purged}${purged === 0 ? '' : PURGED}`);
  const where = rejected === 0 ? '' : `, see ${shortPath(join(result.dir, 'rejected.jsonl'))}`;
  print(`rejected: ${rejected}${where}`);
  print(`leaky: ${leaky}`);
  for (const sentence of notCompared) print(`note: ${sentence}`);
  if (duplicates.labelsDiffer > 0)
    print(
      `note: ${duplicates.labelsDiffer} duplicates have labels that contradict each other: labelsDiffer in ${shortPath(join(result.dir, 'duplicates.jsonl'))}`,
    );
  print(`report: ${shortPath(join(result.dir, 'report.html'))}`);
  print(splitTable(summary, names));
}

const PURGED = ' (most of their group or of their duplicates lie in another split)';

/** Split × class: how many labels are known, and how many of them are positive. */
export function splitTable(
  { splits, classes }: Pick<PreparedSummary, 'splits' | 'classes'>,
  names: readonly string[],
): string {
  const cell = ({ known, positive } = { known: 0, positive: 0 }): string => `${positive} of ${known}`;
  return table([
    ['split', 'records', ...names.map((name) => `${name} (positive of known)`)],
    ...SPLITS.map((split) => [
      split,
      String(splits[split]),
      ...names.map((name) => cell(classes[split][name])),
    ]),
  ]);
}
