/**
 * `train` for the weights, `validation` for the epoch and the temperature, `calibration` for the thresholds only,
 * `test` for the report.
 */
export const SPLITS = ['train', 'validation', 'calibration', 'test'] as const;
export type Split = (typeof SPLITS)[number];
/** Where a record goes; `purged` records are left out so that groups stay whole. */
export type Assignment = Split | 'purged';

/** What a split may look at: never content, and labels only to spread them evenly. */
export interface SplitKey {
  id: string;
  /** Records of one unit never lie in two splits. */
  unit: string;
  timeMs: number | null;
  /** SHA-1 of the text as hex digits; of the id when the text is blank. */
  textSha1: string;
  /** Cell of the split column. */
  splitValue?: string;
  /** Probability of each class; null is unknown. */
  labels: readonly (number | null)[];
}

/** Share of the records per split; a split that is not named gets none. */
export type Fractions = Partial<Record<Split, number>>;

/** Positions of the records of every unit. */
export function positionsByUnit(keys: readonly SplitKey[]): Map<string, number[]> {
  const units = new Map<string, number[]>();
  for (const [position, { unit }] of keys.entries()) {
    const members = units.get(unit);
    if (members === undefined) units.set(unit, [position]);
    else members.push(position);
  }
  return units;
}
