/**
 * `train` for the weights, `validation` for the epoch and the temperature, `calibration` for the thresholds only,
 * `test` for the report.
 */
export const SPLITS = ['train', 'validation', 'calibration', 'test'] as const;
export type Split = (typeof SPLITS)[number];
/** Where a record goes; `purged` records are left out so that groups stay whole. */
export type Assignment = Split | 'purged';

/** What a split may look at: never content or labels. */
export interface SplitKey {
  id: string;
  group: string | null;
  timeMs: number | null;
  /** SHA-1 of the text as hex digits; of the id when the text is blank. */
  textSha1: string;
  /** Cell of the split column. */
  splitValue?: string;
}

/** Share of the records per split; a split that is not named gets none. */
export type Fractions = Partial<Record<Split, number>>;

/** Positions of the records of every group. A record without group stands alone. */
export function positionsByGroup(keys: readonly SplitKey[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [position, { group, id }] of keys.entries()) {
    const name = group === null ? `alone ${id}` : `group ${group}`;
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [position]);
    else members.push(position);
  }
  return groups;
}
