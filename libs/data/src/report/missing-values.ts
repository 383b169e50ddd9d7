import { groupsOf, type PreparedRecord } from '../prepared-record.js';
import { SPLITS, type Split } from '../split-key.js';

/** In how many records a column says nothing. */
export interface MissingColumn {
  kind: 'text' | 'images' | 'numeric' | 'categorical' | 'label' | 'group' | 'time' | 'slice';
  name: string;
  missing: Record<Split, number>;
}

/** Counts what records lack, column by column. */
export class MissingValues {
  readonly #columns = new Map<string, MissingColumn>();
  #numRecords = 0;

  /** @param classes names on the axis K of the labels */
  constructor(readonly classes: readonly string[]) {}

  add(record: PreparedRecord, split: Split): void {
    this.#numRecords++;
    for (const [name, text] of Object.entries(record.text))
      this.count('text', name, split, text.trim() === '');
    this.count('images', 'images', split, record.images.length === 0);
    for (const [k, name] of this.classes.entries())
      this.count('label', name, split, (record.labels[k] ?? null) === null);
    for (const [column, group] of groupsOf(record).entries())
      this.count('group', column === 0 ? 'group' : `group ${column + 1}`, split, group === null);
    this.count('time', 'time', split, record.timeMs === null);
    for (const [name, value] of Object.entries(record.slices))
      this.count('slice', name, split, value.trim() === '');
  }

  /** @param isMissing whether one more record lacks it */
  count(kind: MissingColumn['kind'], name: string, split: Split, isMissing: boolean): void {
    const key = `${kind} ${name}`;
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = { kind, name, missing: { train: 0, validation: 0, calibration: 0, test: 0 } };
      this.#columns.set(key, column);
    }
    if (isMissing) column.missing[split]++;
  }

  /** Without images, groups and times that no record has: then the source has no such column. */
  columns(): MissingColumn[] {
    const optional: readonly string[] = ['images', 'group', 'time'];
    return [...this.#columns.values()].filter(
      ({ kind, missing }) =>
        !optional.includes(kind) || SPLITS.reduce((sum, split) => sum + missing[split], 0) < this.#numRecords,
    );
  }
}
