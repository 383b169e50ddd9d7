import type { DuplicatesConfig } from '@assay/config';
import { AssayError, throwIfInterrupted } from '@assay/core';
import { duplicateOptions } from './duplicate-settings.js';
import { DuplicateFinder, type DuplicateLink } from './duplicates/find-duplicates.js';
import { groupsOf, readFingerprint, streamRecords, type PreparedRecord } from './prepared-record.js';
import { SPLITS, type Split } from './split-key.js';
import { comparableText } from './text-key.js';

/** What two splits have in common. */
export interface LeakPair {
  between: [Split, Split];
  sharedIds: number;
  /** Of all group columns; null when the config names none. */
  sharedGroups: number | null;
  /** Texts that both have, as they are compared; empty ones do not count. */
  equalTexts: number;
  /**
   * Pairs of texts, one in each, that are near-duplicates, of large families those that hold them together; null when only
   * equal ones were looked for.
   */
  nearTexts: number | null;
  /** Images that both have, by their pixels; null when no images were looked at. */
  equalImages: number | null;
  /** The same of pairs of images as of texts, mirrored ones included; null when only equal ones were looked for, or none. */
  nearImages: number | null;
  /** Records of the second split whose text is in the first. */
  recordsWithEqualText: number;
  /** Records of the second split with an image that is in the first; null when no images were looked at. */
  recordsWithEqualImage: number | null;
  /** Whether a record of the first split is newer than one of the second; null when there are no times. */
  timesOverlap: boolean | null;
}

export interface ClassBalance {
  known: number;
  positive: number;
}

export interface LeakReport {
  schemaVersion: 5;
  /**
   * Whether an id, a group, or an equal or near-duplicate text or image lies in two splits; or of splits that are to follow
   * each other in time, times overlap.
   */
  leaky: boolean;
  /** Whether splits are to follow each other in time: training before validation and calibration, and these before test. */
  inOrderOfTime: boolean;
  /** Records without a value, by group column: nothing is known of their siblings. */
  recordsWithoutGroup: Record<string, number>;
  /** Comparisons of texts that were left out, because too many are alike: near-duplicates may lie in two splits. */
  skippedTexts: number;
  /** Which images were looked at; null when none were, because the pipeline has no image input. */
  images: {
    /** Only so many of a record, the first. */
    perRecord: number;
    /** Images beyond these. */
    skipped: number;
  } | null;
  pairs: LeakPair[];
  /** Known and positive labels by split and class. */
  classes: Record<Split, Record<string, ClassBalance>>;
  /** First and last time of each split, ISO 8601; null when there are no times. */
  times: Record<Split, { first: string; last: string } | null>;
}

export interface MeasuredLeaks {
  report: LeakReport;
  /** Duplicates that were found; records are positions in `ids`. */
  links: DuplicateLink[];
  /** Whether some of them lie in different splits. */
  hasCrossing: boolean;
  /** Ids of the records in the order in which they were written. */
  ids: string[];
}

interface SplitFacts {
  ids: Set<string>;
  /** Of each group column. */
  groups: Set<string>[];
  firstMs: number;
  lastMs: number;
  classes: Record<string, ClassBalance>;
}

interface LeakOptions {
  /** Classes in the order of the axis K. */
  names: readonly string[];
  /** Columns whose equal values must stay in one split, in the order of the groups of a record. */
  groupColumns: readonly string[];
  duplicates: DuplicatesConfig;
  /** Whether splits are to follow each other in time. */
  inOrderOfTime: boolean;
  /** Images of a record that were looked at, the first; 0 when the pipeline has no image input. */
  maxImages: number;
  signal?: AbortSignal | undefined;
}

/** Of the hashes of texts: not that of the search before the split, so that each finds what the other misses. */
const SEED = 1;

/**
 * Looks for what splits share, in the files as they were written: it knows nothing of the units by which they were split, and
 * compares texts by other hashes.
 *
 * @param dir the stage directory with `records/<split>.jsonl`
 * @throws INTERRUPTED when the signal is aborted
 */
export async function measureLeaks(
  dir: string,
  { names, groupColumns, duplicates, inOrderOfTime, maxImages, signal }: LeakOptions,
): Promise<MeasuredLeaks> {
  const facts = new Map<Split, SplitFacts>();
  const contents = new DuplicateFinder();
  const splitOf: Split[] = [];
  const ids: string[] = [];
  let skippedImages = 0;
  const recordsWithoutGroup = Object.fromEntries(groupColumns.map((column) => [column, 0]));
  for (const split of SPLITS) {
    const ofSplit = noFacts(names);
    facts.set(split, ofSplit);
    for await (const record of streamRecords(dir, split)) {
      throwIfInterrupted(signal);
      addFacts(ofSplit, record, names);
      contents.add(comparableText(record.text), record.fingerprints.map(readFingerprint));
      splitOf.push(split);
      ids.push(record.id);
      for (const [i, column] of groupColumns.entries())
        if ((groupsOf(record)[i] ?? null) === null)
          recordsWithoutGroup[column] = (recordsWithoutGroup[column] ?? 0) + 1;
      skippedImages += record.images.length - record.fingerprints.length;
    }
  }
  const search = { numRecords: contents.count, seed: SEED, signal };
  const { links, skipped } = await contents.find(duplicateOptions(duplicates, search));
  const crossing = links.filter(({ a, b }) => {
    const [first = 0] = a;
    return [...a, ...b].some((record) => splitOf[record] !== splitOf[first]);
  });
  const pairs = [...facts].flatMap(([a, first], i) =>
    [...facts].slice(i + 1).map(([b, second]): LeakPair => ({
      between: [a, b],
      sharedIds: numShared(first.ids, second.ids),
      sharedGroups: groupColumns.length === 0 ? null : numSharedGroups(first, second),
      ...commonContents(crossing, splitOf, [a, b]),
      ...(duplicates.text === null && { nearTexts: null }),
      ...(duplicates.images === null && { nearImages: null }),
      ...(maxImages === 0 && { equalImages: null, nearImages: null, recordsWithEqualImage: null }),
      timesOverlap:
        first.lastMs > -Infinity && second.firstMs < Infinity ? first.lastMs > second.firstMs : null,
    })),
  );
  const bySplit = <T>(valueOf: (facts: SplitFacts) => T): Record<Split, T> =>
    Object.fromEntries([...facts].map(([split, value]) => [split, valueOf(value)])) as Record<Split, T>; // all splits
  const report: LeakReport = {
    schemaVersion: 5,
    leaky: pairs.some((pair) => leaksOf(pair, inOrderOfTime).length > 0),
    inOrderOfTime,
    recordsWithoutGroup,
    skippedTexts: skipped,
    images: maxImages === 0 ? null : { perRecord: maxImages, skipped: skippedImages },
    pairs,
    classes: bySplit(({ classes }) => classes),
    times: bySplit(timesOf),
  };
  return { report, links, hasCrossing: crossing.length > 0, ids };
}

/** What of a pair is counted, and its name in tables. */
export const SHARED_COUNTS = [
  ['sharedIds', 'ids'],
  ['sharedGroups', 'groups'],
  ['equalTexts', 'equal texts'],
  ['nearTexts', 'near texts'],
  ['equalImages', 'equal images'],
  ['nearImages', 'near images'],
] as const satisfies readonly (readonly [keyof LeakPair, string])[];

/** What may never be shared, and its name in messages. */
const FORBIDDEN = {
  sharedIds: 'ids',
  sharedGroups: 'groups',
  equalTexts: 'equal texts',
  nearTexts: 'near-duplicate texts',
  equalImages: 'equal images',
  nearImages: 'near-duplicate images',
} as const;

function leaksOf(pair: LeakPair, inOrderOfTime: boolean): string[] {
  const shared = Object.entries(FORBIDDEN).flatMap(([key, name]) => {
    const count = pair[key as keyof typeof FORBIDDEN] ?? 0; // its own key
    return count > 0 ? [`${count} ${name}`] : [];
  });
  const isOutOfOrder = inOrderOfTime && pair.timesOverlap === true && !isOfOneWindow(pair);
  return isOutOfOrder ? [...shared, 'times that overlap'] : shared;
}

/** Validation and calibration share a window of time. */
const isOfOneWindow = ({ between: [first, second] }: LeakPair): boolean =>
  first === 'validation' && second === 'calibration';

/** @throws LEAK when the report says so */
export function assertNoLeak({ leaky, inOrderOfTime, pairs }: LeakReport): void {
  if (!leaky) return;
  const shared = pairs.filter((pair) => leaksOf(pair, inOrderOfTime).length > 0);
  const lines = shared.map(
    (pair) => `  - ${pair.between.join(' and ')}: ${leaksOf(pair, inOrderOfTime).join(', ')}`,
  );
  throw new AssayError(
    'LEAK',
    `Splits share what they must not, so results on them would be too good:\n${lines.join('\n')}\nFix: use a split that keeps groups whole (data.split.strategy 'group' or 'time'), or go on with --allow-leak; such a model cannot be promoted.`,
    { details: { pairs: shared } },
  );
}

/** Whether nothing that the pipeline asks to be compared was left out, for lack of a group or for too many likenesses. */
export const wasAllCompared = ({
  recordsWithoutGroup,
  skippedTexts,
}: Pick<LeakReport, 'recordsWithoutGroup' | 'skippedTexts'>): boolean =>
  skippedTexts === 0 && Object.values(recordsWithoutGroup).every((count) => count === 0);

/** Sentences about what the report did not look at. */
export function notCompared({
  recordsWithoutGroup,
  skippedTexts,
  images,
}: Pick<LeakReport, 'recordsWithoutGroup' | 'skippedTexts' | 'images'>): string[] {
  const notes: string[] = [];
  const without = Object.entries(recordsWithoutGroup);
  if (without.length === 0)
    notes.push('Groups were not looked at: the pipeline names no column of groups (data.columns.group).');
  for (const [column, count] of without)
    if (count > 0)
      notes.push(
        `${count} records have no value of the group column '${column}': siblings among them may lie in two splits.`,
      );
  if (skippedTexts > 0)
    notes.push(
      `So many texts are like each other that ${skippedTexts} comparisons were left out: near-duplicates may lie in two splits.`,
    );
  if (images === null) notes.push('Images were not looked at: the pipeline has no image input.');
  else if (images.skipped > 0)
    notes.push(
      `${images.skipped} images were not looked at: those after the first ${images.perRecord} of a record.`,
    );
  return notes;
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
  groups: [],
  firstMs: Infinity,
  lastMs: -Infinity,
  classes: Object.fromEntries(names.map((name) => [name, { known: 0, positive: 0 }])),
});

function addFacts(facts: SplitFacts, record: PreparedRecord, names: readonly string[]): void {
  const { id, timeMs, labels, classIndex } = record;
  facts.ids.add(id);
  for (const [column, group] of groupsOf(record).entries())
    if (group !== null) (facts.groups[column] ??= new Set()).add(group);
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

const numSharedGroups = (first: SplitFacts, second: SplitFacts): number =>
  first.groups.reduce(
    (sum, groups, column) => sum + numShared(groups, second.groups[column] ?? new Set()),
    0,
  );

const timesOf = ({ firstMs, lastMs }: SplitFacts): { first: string; last: string } | null =>
  firstMs <= lastMs ? { first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() } : null;
