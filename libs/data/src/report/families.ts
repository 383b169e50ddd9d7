import type { Random } from '@assay/core';
import { UnionFind } from '../duplicates/union-find.js';
import type { PreparedRecord } from '../prepared-record.js';
import { SPLITS, type Split } from '../split-key.js';
import { KindCounts, readDuplicateLines, type DuplicateLine, type KindSummary } from './duplicate-lines.js';
import type { ShownRecord } from './examples.js';
import { likestImageFirst } from './likest-image-first.js';
import { Reservoir } from './reservoir.js';

/** Records that hang together by equal or nearly equal texts and images. */
export interface Family {
  /** Number of records. */
  size: number;
  kinds: KindSummary[];
  /** When the first of them was seen, ISO 8601; null without times. */
  firstSeen: string | null;
  /** Records by split. */
  splits: Record<Split, number>;
  /** Records that were left out of all splits. */
  purged: number;
  members: FamilyMember[];
}

export interface FamilyMember extends ShownRecord {
  /** Whether no other of the family was seen earlier. */
  isFirst: boolean;
  /** What makes it most like another of the family. */
  closest: Pick<DuplicateLine, 'kind' | 'similarity'> | null;
}

export interface DuplicateFacts {
  kinds: KindSummary[];
  /** Pairs of near-duplicate texts by Jaccard similarity, in steps of 0.02. */
  similarities: { from: number; count: number }[];
  /** Number of families. */
  numFamilies: number;
  /** Records in families. */
  numRecords: number;
  /** Lines of `duplicates.jsonl` whose records have labels that contradict each other. */
  numDiffering: number;
  largest: Family[];
}

const NUM_SHOWN = 8;
const MEMBERS_SHOWN = 4;
const SIMILARITY_STEP = 0.02;

interface OpenFamily {
  ids: ReadonlySet<string>;
  kinds: KindCounts;
  first: Pick<DuplicateLine, 'first' | 'firstSeen'> | null;
  splits: Record<Split, number>;
  firstRecord: ShownRecord | null;
  sample: Reservoir<ShownRecord>;
}

/**
 * The families of `duplicates.jsonl`; of the largest it collects which split each record went to, and some records to show.
 * It holds the ids that occur in that file, and nothing of the records that are no duplicates.
 */
export class Families {
  readonly #dir: string;
  readonly #kinds = new KindCounts();
  readonly #similarities = new Map<number, number>();
  #numFamilies = 0;
  #numRecords = 0;
  #numDiffering = 0;
  #largest: OpenFamily[] = [];
  #familyOf = new Map<string, OpenFamily>();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** @param dir the stage directory with `duplicates.jsonl` */
  static async read(dir: string, random: Random): Promise<Families> {
    const families = new Families(dir);
    const sets = await families.#joinLines();
    families.#numFamilies = sets.length;
    families.#numRecords = sets.reduce((sum, { length }) => sum + length, 0);
    const bySize = sets.sort((x, y) => y.length - x.length || ((x[0] ?? '') < (y[0] ?? '') ? -1 : 1));
    families.#largest = bySize.slice(0, NUM_SHOWN).map((ids, place) => ({
      ids: new Set(ids),
      kinds: new KindCounts(),
      first: null,
      splits: { train: 0, validation: 0, calibration: 0, test: 0 },
      firstRecord: null,
      sample: new Reservoir(MEMBERS_SHOWN, random.fork(String(place))),
    }));
    for (const family of families.#largest) for (const id of family.ids) families.#familyOf.set(id, family);
    for await (const line of readDuplicateLines(dir)) families.#addLine(line);
    return families;
  }

  /** @returns the ids of every family */
  async #joinLines(): Promise<string[][]> {
    const numberOf = new Map<string, number>();
    for await (const line of readDuplicateLines(this.#dir)) {
      this.#kinds.add(line);
      this.#numDiffering += Number(line.labelsDiffer);
      if (line.kind === 'near text') {
        const step = Math.floor(line.similarity / SIMILARITY_STEP + 1e-9);
        this.#similarities.set(step, (this.#similarities.get(step) ?? 0) + 1);
      }
      for (const id of [...line.a, ...line.b]) if (!numberOf.has(id)) numberOf.set(id, numberOf.size);
    }
    const sets = new UnionFind(numberOf.size);
    for await (const { a, b } of readDuplicateLines(this.#dir)) {
      const first = numberOf.get(a[0] ?? '') ?? 0;
      for (const id of [...a, ...b]) sets.union(first, numberOf.get(id) ?? first);
    }
    const ids = [...numberOf.keys()];
    return sets.components().map((members) => members.map((member) => ids[member] ?? ''));
  }

  #addLine(line: DuplicateLine): void {
    const family = this.#familyOf.get(line.a[0] ?? '');
    if (family === undefined) return;
    family.kinds.add(line);
    const time = (firstSeen: string | null): string => firstSeen ?? '\uffff'; // those without a time come last
    if (family.first === null || time(line.firstSeen) < time(family.first.firstSeen)) family.first = line;
  }

  add(record: PreparedRecord, split: Split): void {
    const family = this.#familyOf.get(record.id);
    if (family === undefined) return;
    family.splits[split]++;
    if (record.id === family.first?.first) family.firstRecord = { record, split };
    else family.sample.add(() => ({ record, split }));
  }

  /** After all records were added. */
  async facts(): Promise<DuplicateFacts> {
    const shown = this.#largest.map((family) => {
      const first = family.firstRecord === null ? [] : [family.firstRecord];
      return [...first, ...family.sample.items].slice(0, MEMBERS_SHOWN);
    });
    const closest = await this.#closestOf(new Set(shown.flat().map(({ record }) => record.id)));
    const largest = this.#largest.map((family, i): Family => {
      const kept = SPLITS.reduce((sum, split) => sum + family.splits[split], 0);
      return {
        size: family.ids.size,
        kinds: family.kinds.summaries(),
        firstSeen: family.first?.firstSeen ?? null,
        splits: family.splits,
        purged: family.ids.size - kept,
        members: (shown[i] ?? []).map((member, _, all) => ({
          ...member,
          record: likestImageFirst(member.record, othersOf(member, all)),
          isFirst: member === family.firstRecord,
          closest: closest.get(member.record.id) ?? null,
        })),
      };
    });
    const similarities = [...this.#similarities]
      .sort(([a], [b]) => a - b)
      .map(([step, count]) => ({ from: Math.round(step * SIMILARITY_STEP * 100) / 100, count }));
    return {
      ...{ kinds: this.#kinds.summaries(), similarities, largest },
      ...{ numFamilies: this.#numFamilies, numRecords: this.#numRecords, numDiffering: this.#numDiffering },
    };
  }

  async #closestOf(ids: ReadonlySet<string>): Promise<Map<string, DuplicateLine>> {
    const closest = new Map<string, DuplicateLine>();
    for await (const line of readDuplicateLines(this.#dir)) {
      for (const id of [...line.a, ...line.b]) {
        if (ids.has(id) && line.similarity > (closest.get(id)?.similarity ?? 0)) closest.set(id, line);
      }
    }
    return closest;
  }
}

const othersOf = (member: ShownRecord, all: readonly ShownRecord[]): PreparedRecord[] =>
  all.flatMap((other) => (other === member ? [] : [other.record]));
