import type { PreparedRecord } from '../prepared-record.js';
import type { Split } from '../split-key.js';

/** Records of a value of a slice column, by split. */
export interface SliceValue {
  value: string;
  counts: Record<Split, number>;
  total: number;
}

export interface SliceColumn {
  column: string;
  /** Most frequent first. */
  values: SliceValue[];
  /** Records of values that were not counted apart, because there were too many different ones. */
  uncounted: number;
}

/** Different values of a column that are counted apart. */
const MAX_VALUES = 10_000;

/** Counts the records of every slice, in bounded memory. */
export class SliceCounts {
  readonly #columns = new Map<string, { values: Map<string, SliceValue>; uncounted: number }>();

  add({ slices }: Pick<PreparedRecord, 'slices'>, split: Split): void {
    for (const [name, value] of Object.entries(slices)) {
      let column = this.#columns.get(name);
      if (column === undefined) {
        column = { values: new Map(), uncounted: 0 };
        this.#columns.set(name, column);
      }
      let found = column.values.get(value);
      if (found === undefined) {
        if (column.values.size === MAX_VALUES) {
          column.uncounted++;
          continue;
        }
        found = { value, counts: { train: 0, validation: 0, calibration: 0, test: 0 }, total: 0 };
        column.values.set(value, found);
      }
      found.counts[split]++;
      found.total++;
    }
  }

  columns(): SliceColumn[] {
    return [...this.#columns].map(([column, { values, uncounted }]) => ({
      column,
      values: [...values.values()].sort((a, b) => b.total - a.total || (a.value < b.value ? -1 : 1)),
      uncounted,
    }));
  }
}
