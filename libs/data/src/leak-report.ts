import type { DuplicatesConfig } from '@assay/config';
import { AssayError, throwIfInterrupted } from '@assay/core';
import { duplicateOptions } from './duplicate-settings.js';
import { DuplicateFinder, type DuplicateLink } from './duplicates/find-duplicates.js';
import { readFingerprint, streamRecords, type PreparedRecord } from './prepared-record.js';
import { SPLITS, type Split } from './split-key.js';
import { comparableText } from './text-key.js';

/** What two splits have in common. */
export interface LeakPair {
  between: [Split, Split];
  sharedIds: number;
  sharedGroups: number;
  /** Texts that both have, as they are compared; empty ones do not count. */
  equalTexts: number;
  /** Pairs of texts, one in each, that are near-duplicates. */
  nearTexts: number;
  /** Images that both have, by their pixels. */
  equalImages: number;
  /** Pairs of images, one in each, that are near-duplicates, mirrored ones included. */
  nearImages: number;
  /** Records of the second split whose text is in the first. */
  recordsWithEqualText: number;
  /** Records of the second split with an image that is in the first. */
  recordsWithEqualImage: number;
  /** Whether a record of the first split is newer than one of the second; null when there are no times. */
  timesOverlap: boolean | null;
}

export interface ClassBalance {
  known: number;
  positive: number;
}

export interface LeakReport {
  schemaVersion: 2;
  /** Whether an id or a group lies in two splits, or an equal or near-duplicate text or image where they are compared. */
  leaky: boolean;
  /** Whether near-duplicates were looked for, and duplicates count as leaks. */
  comparesDuplicates: boolean;
  pairs: LeakPair[];
  /** Known and positive labels by split and class. */
  classes: Record<Split, Record<string, ClassBalance>>;
  /** First and last time of each split, ISO 8601; null when there are no times. */
  times: Record<Split, { first: string; last: string } | null>;
}

interface SplitFacts {
  ids: Set<string>;
  groups: Set<string>;
  firstMs: number;
  lastMs: number;
  classes: Record<string, ClassBalance>;
}

interface LeakOptions {
  /** Classes in the order of the axis K. */
  names: readonly string[];
  /** Without them only ids and groups may not be shared. */
  duplicates: DuplicatesConfig | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Looks for what splits share, in the files as they were written: it knows nothing of how they were split.
 *
 * @param dir the stage directory with `records/<split>.jsonl`
 * @throws INTERRUPTED when the signal is aborted
 */
export async function measureLeaks(
  dir: string,
  { names, duplicates, signal }: LeakOptions,
): Promise<LeakReport> {
  const facts = new Map<Split, SplitFacts>();
  const contents = new DuplicateFinder();
  const splitOf: Split[] = [];
  for (const split of SPLITS) {
    const ofSplit = noFacts(names);
    facts.set(split, ofSplit);
    for await (const record of streamRecords(dir, split)) {
      throwIfInterrupted(signal);
      addFacts(ofSplit, record, names);
      contents.add(comparableText(record.text), record.fingerprints.map(readFingerprint));
      splitOf.push(split);
    }
  }
  const { links } = await contents.find(duplicateOptions(duplicates, contents.count, signal));
  const crossing = links.filter(({ a, b }) => {
    const [first = 0] = a;
    return [...a, ...b].some((record) => splitOf[record] !== splitOf[first]);
  });
  const pairs = [...facts].flatMap(([a, first], i) =>
    [...facts].slice(i + 1).map(([b, second]): LeakPair => ({
      between: [a, b],
      sharedIds: numShared(first.ids, second.ids),
      sharedGroups: numShared(first.groups, second.groups),
      ...commonContents(crossing, splitOf, [a, b]),
      timesOverlap:
        first.lastMs > -Infinity && second.firstMs < Infinity ? first.lastMs > second.firstMs : null,
    })),
  );
  const bySplit = <T>(valueOf: (facts: SplitFacts) => T): Record<Split, T> =>
    Object.fromEntries([...facts].map(([split, value]) => [split, valueOf(value)])) as Record<Split, T>; // all splits
  return {
    schemaVersion: 2,
    leaky: pairs.some((pair) => leaksOf(pair, duplicates !== undefined).length > 0),
    comparesDuplicates: duplicates !== undefined,
    pairs,
    classes: bySplit(({ classes }) => classes),
    times: bySplit(timesOf),
  };
}

/** What may never be shared, and its name in messages. */
const IDENTITIES = { sharedIds: 'ids', sharedGroups: 'groups' } as const;
/** What may not be shared where duplicates are kept together. */
const CONTENTS = {
  equalTexts: 'equal texts',
  nearTexts: 'near-duplicate texts',
  equalImages: 'equal images',
  nearImages: 'near-duplicate images',
} as const;

function leaksOf(pair: LeakPair, comparesDuplicates: boolean): string[] {
  const forbidden = { ...IDENTITIES, ...(comparesDuplicates ? CONTENTS : {}) };
  return Object.entries(forbidden).flatMap(([key, name]) => {
    const count = pair[key as keyof typeof IDENTITIES | keyof typeof CONTENTS]; // a key of one of both
    return count > 0 ? [`${count} ${name}`] : [];
  });
}

/** @throws LEAK when the report says so */
export function assertNoLeak({ leaky, pairs, comparesDuplicates }: LeakReport): void {
  if (!leaky) return;
  const shared = pairs.filter((pair) => leaksOf(pair, comparesDuplicates).length > 0);
  const lines = shared.map(
    (pair) => `  - ${pair.between.join(' and ')}: ${leaksOf(pair, comparesDuplicates).join(', ')}`,
  );
  throw new AssayError(
    'LEAK',
    `Splits share what they must not, so results on them would be too good:\n${lines.join('\n')}\nFix: use a split that keeps groups whole (data.split.strategy 'group' or 'time'), or go on with --allow-leak; such a model cannot be promoted.`,
    { details: { pairs: shared } },
  );
}

/** Counts the links that lead from one split to the other. */
function commonContents(
  links: readonly DuplicateLink[],
  splitOf: readonly Split[],
  [first, second]: [Split, Split],
): Pick<
  LeakPair,
  'equalTexts' | 'nearTexts' | 'equalImages' | 'nearImages' | 'recordsWithEqualText' | 'recordsWithEqualImage'
> {
  const counts = { 'equal text': 0, 'near text': 0, 'equal image': 0, 'near image': 0, 'mirrored image': 0 };
  const withEqual = { 'equal text': new Set<number>(), 'equal image': new Set<number>() };
  const has = (records: readonly number[], split: Split): boolean =>
    records.some((record) => splitOf[record] === split);
  for (const { kind, a, b } of links) {
    if (kind === 'equal text' || kind === 'equal image') {
      const records = [...a, ...b];
      if (!has(records, first) || !has(records, second)) continue;
      for (const record of records) if (splitOf[record] === second) withEqual[kind].add(record);
    } else if (!(has(a, first) && has(b, second)) && !(has(a, second) && has(b, first))) continue;
    counts[kind]++;
  }
  return {
    equalTexts: counts['equal text'],
    nearTexts: counts['near text'],
    equalImages: counts['equal image'],
    nearImages: counts['near image'] + counts['mirrored image'],
    recordsWithEqualText: withEqual['equal text'].size,
    recordsWithEqualImage: withEqual['equal image'].size,
  };
}

const noFacts = (names: readonly string[]): SplitFacts => ({
  ids: new Set(),
  groups: new Set(),
  firstMs: Infinity,
  lastMs: -Infinity,
  classes: Object.fromEntries(names.map((name) => [name, { known: 0, positive: 0 }])),
});

function addFacts(
  facts: SplitFacts,
  { id, group, timeMs, labels, classIndex }: PreparedRecord,
  names: readonly string[],
): void {
  facts.ids.add(id);
  if (group !== null) facts.groups.add(group);
  if (timeMs !== null)
    [facts.firstMs, facts.lastMs] = [Math.min(facts.firstMs, timeMs), Math.max(facts.lastMs, timeMs)];
  countLabels(facts.classes, names, labels, classIndex);
}

/** A soft label counts as positive when its class is the record's one class, or where there is none, from one half on. */
function countLabels(
  classes: Record<string, ClassBalance>,
  names: readonly string[],
  labels: readonly (number | null)[],
  classIndex: number | null,
): void {
  for (const [k, name] of names.entries()) {
    const label = labels[k] ?? null;
    const balance = classes[name];
    if (label === null || balance === undefined) continue;
    balance.known++;
    if (classIndex === null ? label >= 0.5 : classIndex === k) balance.positive++;
  }
}

const numShared = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
  [...b].filter((key) => a.has(key)).length;

const timesOf = ({ firstMs, lastMs }: SplitFacts): { first: string; last: string } | null =>
  firstMs <= lastMs ? { first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() } : null;
