import { createHash } from 'node:crypto';
import { AssayError, throwIfInterrupted } from '@assay/core';
import { streamRecords, type PreparedRecord } from './prepared-record.js';
import { SPLITS, type Split } from './split-key.js';
import { joinedText } from './text-key.js';

/** What two splits have in common. Counts are of distinct values. */
export interface LeakPair {
  between: [Split, Split];
  sharedIds: number;
  sharedGroups: number;
  /** Texts that are equal letter by letter; empty ones do not count. */
  equalTexts: number;
  /** Images whose files are equal byte by byte. */
  equalImages: number;
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
  schemaVersion: 1;
  /** Whether an id or a group lies in two splits. */
  leaky: boolean;
  pairs: LeakPair[];
  /** Known and positive labels by split and class. */
  classes: Record<Split, Record<string, ClassBalance>>;
  /** First and last time of each split, ISO 8601; null when there are no times. */
  times: Record<Split, { first: string; last: string } | null>;
}

interface SplitFacts {
  ids: Set<string>;
  groups: Set<string>;
  /** Number of records by text, as SHA-256. */
  texts: Map<string, number>;
  images: Set<string>;
  /** The images of each record that has any. */
  imagesOfRecords: string[][];
  firstMs: number;
  lastMs: number;
  classes: Record<string, ClassBalance>;
}

/**
 * Looks for what splits share, in the files as they were written: it knows nothing of how they were split.
 *
 * @param dir the stage directory with `records/<split>.jsonl`
 * @param names classes in the order of the axis K
 * @throws INTERRUPTED when the signal is aborted
 */
export async function measureLeaks(
  dir: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<LeakReport> {
  const facts = new Map<Split, SplitFacts>();
  for (const split of SPLITS) facts.set(split, await factsOf(streamRecords(dir, split), names, signal));
  const pairs = [...facts].flatMap(([a, first], i) =>
    [...facts].slice(i + 1).map(([b, second]) => comparePair([a, b], first, second)),
  );
  const bySplit = <T>(valueOf: (facts: SplitFacts) => T): Record<Split, T> =>
    Object.fromEntries([...facts].map(([split, value]) => [split, valueOf(value)])) as Record<Split, T>; // all splits
  return {
    schemaVersion: 1,
    leaky: pairs.some(({ sharedIds, sharedGroups }) => sharedIds + sharedGroups > 0),
    pairs,
    classes: bySplit(({ classes }) => classes),
    times: bySplit(timesOf),
  };
}

/** @throws LEAK when an id or a group lies in two splits */
export function assertNoLeak({ leaky, pairs }: LeakReport): void {
  if (!leaky) return;
  const shared = pairs.filter(({ sharedIds, sharedGroups }) => sharedIds + sharedGroups > 0);
  const lines = shared.map(
    ({ between, sharedIds, sharedGroups }) =>
      `  - ${between.join(' and ')}: ${sharedGroups} groups, ${sharedIds} ids`,
  );
  throw new AssayError(
    'LEAK',
    `Splits share groups, so results on them would be too good:\n${lines.join('\n')}\nFix: use a split that keeps groups whole (data.split.strategy 'group' or 'time'), or go on with --allow-leak; such a model cannot be promoted.`,
    { details: { pairs: shared } },
  );
}

async function factsOf(
  records: AsyncIterable<PreparedRecord>,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<SplitFacts> {
  const facts: SplitFacts = {
    ids: new Set(),
    groups: new Set(),
    texts: new Map(),
    images: new Set(),
    imagesOfRecords: [],
    firstMs: Infinity,
    lastMs: -Infinity,
    classes: Object.fromEntries(names.map((name) => [name, { known: 0, positive: 0 }])),
  };
  for await (const { id, group, text, imageDigests, timeMs, labels, classIndex } of records) {
    throwIfInterrupted(signal);
    facts.ids.add(id);
    if (group !== null) facts.groups.add(group);
    const words = joinedText(text);
    const textKey = createHash('sha256').update(words).digest('base64');
    if (words.trim() !== '') facts.texts.set(textKey, (facts.texts.get(textKey) ?? 0) + 1);
    if (imageDigests.length > 0) facts.imagesOfRecords.push(imageDigests);
    for (const digest of imageDigests) facts.images.add(digest);
    if (timeMs !== null)
      [facts.firstMs, facts.lastMs] = [Math.min(facts.firstMs, timeMs), Math.max(facts.lastMs, timeMs)];
    countLabels(facts.classes, names, labels, classIndex);
  }
  return facts;
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

function comparePair(between: [Split, Split], a: SplitFacts, b: SplitFacts): LeakPair {
  const equalTexts = shared(a.texts, b.texts);
  const equalImages = shared(a.images, b.images);
  const hasTimes = a.lastMs > -Infinity && b.firstMs < Infinity;
  return {
    between,
    sharedIds: shared(a.ids, b.ids).length,
    sharedGroups: shared(a.groups, b.groups).length,
    equalTexts: equalTexts.length,
    equalImages: equalImages.length,
    recordsWithEqualText: equalTexts.reduce((sum, text) => sum + (b.texts.get(text) ?? 0), 0),
    recordsWithEqualImage: b.imagesOfRecords.filter((digests) =>
      digests.some((digest) => a.images.has(digest)),
    ).length,
    timesOverlap: hasTimes ? a.lastMs > b.firstMs : null,
  };
}

const shared = (a: { has(key: string): boolean }, b: { keys(): Iterable<string> }): string[] =>
  [...b.keys()].filter((key) => a.has(key));

const timesOf = ({ firstMs, lastMs }: SplitFacts): { first: string; last: string } | null =>
  firstMs <= lastMs ? { first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() } : null;
