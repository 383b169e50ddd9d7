import type { Random } from '@assay/core';
import type { PreparedRecord } from '../prepared-record.js';
import type { Split } from '../split-key.js';
import { Reservoir } from './reservoir.js';

/** A record as the report shows it. */
export interface ShownRecord {
  record: PreparedRecord;
  split: Split;
}

/** Records of one class, or of none. */
export interface ExampleGroup {
  /** Class; null for records of no class. */
  name: string | null;
  /** Records of that group. */
  total: number;
  examples: ShownRecord[];
}

const PER_CLASS = 4;
/** Classes beyond these are not shown. */
export const MAX_CLASSES = 24;

/** Draws some records of each class. */
export class ExampleSample {
  readonly #names: readonly string[];
  readonly #ofClass: readonly Reservoir<ShownRecord>[];
  readonly #ofNone: Reservoir<ShownRecord>;

  /** @param names classes on the axis K of the labels */
  constructor(names: readonly string[], random: Random) {
    this.#names = names.slice(0, MAX_CLASSES);
    this.#ofClass = this.#names.map((name) => new Reservoir(PER_CLASS, random.fork(`class/${name}`)));
    this.#ofNone = new Reservoir(PER_CLASS, random.fork('none'));
  }

  add(record: PreparedRecord, split: Split): void {
    const classes = classesOf(record);
    const make = (): ShownRecord => ({ record, split });
    if (classes.length === 0) this.#ofNone.add(make);
    for (const k of classes) this.#ofClass[k]?.add(make);
  }

  /** By class, then those of none. Groups without records are left out. */
  groups(): ExampleGroup[] {
    const groups = this.#ofClass.map((sample, k) => ({ name: this.#names[k] ?? null, sample }));
    return [...groups, { name: null, sample: this.#ofNone }]
      .filter(({ sample }) => sample.seen > 0)
      .map(({ name, sample }) => ({ name, total: sample.seen, examples: sample.items }));
  }
}

/** Positions of the classes that a record belongs to: its one class, or those that are more likely than not. */
export function classesOf({ labels, classIndex }: Pick<PreparedRecord, 'labels' | 'classIndex'>): number[] {
  if (classIndex !== null) return [classIndex];
  return labels.flatMap((label, k) => (label !== null && label >= 0.5 ? [k] : []));
}
