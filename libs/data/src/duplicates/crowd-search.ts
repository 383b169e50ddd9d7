import { JaccardOfTexts } from './jaccard.js';
import type { LshSearch } from './lsh-search.js';
import { PairList, type PairColumns } from './pair-list.js';
import { ParitySketches } from './parity-sketches.js';
import { Shingler } from './shingles.js';
import { runsOf, sortByKey } from './sort-by-key.js';
import { bytesOf } from './text-store.js';
import { UnionFind } from './union-find.js';

/** Up to so many members, all pairs of a family are named; of a larger one those that hold it together. */
export const SMALL_FAMILY = 32;

/** Comparisons between two pauses: some tens of milliseconds. */
const COMPARISONS_AT_ONCE = 2 ** 20;

/**
 * Pairs that hold together what is similar among the items of a crowd: all of whom share large buckets, and who would make
 * too many pairs. Which items hang together is found exactly: a walk from item to item compares each with those that it has
 * not yet reached, so a family of n near copies takes about n comparisons, and only items that are like no other take all.
 * When there are more than `maxComparisons` a member, the rest is counted as skipped.
 *
 * @param items of one crowd, in rising order
 * @yields between stretches of work
 */
export function* searchCrowd(search: LshSearch, items: Uint32Array): Generator<undefined, PairColumns> {
  return yield* new CrowdSearch(search, items).run();
}

class CrowdSearch {
  readonly #search: LshSearch;
  readonly #items: Uint32Array;
  readonly #sketches: ParitySketches;
  readonly #sets: UnionFind;
  readonly #jaccard: JaccardOfTexts;
  readonly #pairs = new PairList();
  /** Member that is set as the first of the next exact comparison. */
  #loaded = -1;
  #left: number;
  #skipped = 0;
  #untilPause = COMPARISONS_AT_ONCE;

  constructor(search: LshSearch, items: Uint32Array) {
    const { texts, text_N, threshold, shingleLength, maxComparisons } = search;
    this.#search = search;
    this.#items = items;
    const members = Array.from(items, (item) => text_N[item] ?? 0);
    this.#sketches = new ParitySketches(texts, members, { threshold, shingleLength });
    this.#sets = new UnionFind(items.length);
    this.#jaccard = new JaccardOfTexts(new Shingler(shingleLength));
    this.#left = maxComparisons * items.length;
  }

  *run(): Generator<undefined, PairColumns> {
    const buckets = Array.from({ length: this.#search.bands }, (_, band) => [
      ...this.#bucketsOf(band),
    ]).flat();
    for (const bucket of buckets) this.#joinNeighbours(bucket);
    yield;
    const all = Uint32Array.from(this.#items, (_, member) => member);
    const work = buckets.reduce((sum, { length }) => sum + numPairs(length), 0);
    for (const group of work < numPairs(all.length) ? buckets : [all]) yield* this.#explore(group);
    yield* this.#nameSmallFamilies();
    return this.#pairs.columns(this.#skipped);
  }

  /** Members with equal hashes in a band. */
  *#bucketsOf(band: number): Generator<Uint32Array> {
    const { hash_BN, text_N } = this.#search;
    const keys = Uint32Array.from(this.#items, (item) => hash_BN[band * text_N.length + item] ?? 0);
    const order = sortByKey(keys);
    for (const [start, end] of runsOf(keys, order)) yield order.subarray(start, end);
  }

  /** Compares each member with the one before it: much is joined then, also when there is no room for more. */
  #joinNeighbours(bucket: Uint32Array): void {
    for (let i = 1; i < bucket.length; i++)
      for (const other of this.#sketches.candidates(bucket[i - 1] ?? 0, bucket.subarray(i, i + 1)))
        this.#areJoined(bucket[i - 1] ?? 0, other);
  }

  /** Walks through the families of a group: from each member to all others of the group that are not yet reached. */
  *#explore(group: Uint32Array): Generator<undefined, void> {
    const rest = new Unreached(group, this.#sets);
    while (rest.members.length > 0) {
      const reached = rest.take(rest.members[0] ?? 0);
      for (let at = 0; at < reached.length && rest.members.length > 0; at++) {
        const member = reached[at] ?? 0;
        const numOthers = rest.members.length;
        if (numOthers > this.#left) {
          this.#skipped += numPairs(reached.length - at + numOthers) - numPairs(reached.length - at);
          return;
        }
        this.#left -= numOthers;
        let hasJoined = false;
        for (const other of this.#sketches.candidates(member, rest.members))
          if (this.#areJoined(member, other)) hasJoined = true;
        if (hasJoined) for (const other of rest.take(member)) reached.push(other);
        if (this.#isPauseDue(numOthers)) yield;
      }
    }
  }

  #isPauseDue(comparisons: number): boolean {
    this.#untilPause -= comparisons;
    if (this.#untilPause > 0) return false;
    this.#untilPause = COMPARISONS_AT_ONCE;
    return true;
  }

  /** Compares two members unless they are of one family. @returns whether that has joined their families */
  #areJoined(a: number, b: number): boolean {
    if (this.#sets.find(a) === this.#sets.find(b)) return false;
    const similarity = this.#similarity(a, b);
    if (similarity < this.#search.threshold) return false;
    this.#sets.union(a, b);
    this.#pairs.add(this.#textOf(a), this.#textOf(b), similarity);
    return true;
  }

  #similarity(a: number, b: number): number {
    const bytes = (member: number): Uint8Array => bytesOf(this.#search.texts, this.#textOf(member));
    if (this.#loaded !== a) this.#jaccard.load(bytes(a));
    this.#loaded = a;
    return this.#jaccard.similarity(bytes(b));
  }

  /** Replaces the pairs of small families by all that they have. */
  *#nameSmallFamilies(): Generator<undefined, void> {
    const small = this.#sets.components().filter(({ length }) => length <= SMALL_FAMILY);
    const texts = new Set(small.flat().map((member) => this.#textOf(member)));
    this.#pairs.remove((text) => texts.has(text));
    for (const family of small) {
      const members = Uint32Array.from(family);
      for (const [i, a] of family.entries())
        for (const b of this.#sketches.candidates(a, members.subarray(i + 1))) {
          const similarity = this.#similarity(a, b);
          if (similarity >= this.#search.threshold)
            this.#pairs.add(this.#textOf(a), this.#textOf(b), similarity);
        }
      if (this.#isPauseDue(numPairs(family.length))) yield;
    }
  }

  #textOf(member: number): number {
    return this.#search.text_N[this.#items[member] ?? 0] ?? 0;
  }
}

/** Members of a group that a walk has not reached. */
class Unreached {
  #members: Uint32Array;
  readonly #sets: UnionFind;

  constructor(group: Uint32Array, sets: UnionFind) {
    this.#members = group.slice();
    this.#sets = sets;
  }

  get members(): Uint32Array {
    return this.#members;
  }

  /** Takes out those who are of one family with a member. */
  take(member: number): number[] {
    const root = this.#sets.find(member);
    const taken: number[] = [];
    let numLeft = 0;
    for (const other of this.#members) {
      if (this.#sets.find(other) === root) taken.push(other);
      else this.#members[numLeft++] = other;
    }
    this.#members = this.#members.subarray(0, numLeft);
    return taken;
  }
}

const numPairs = (n: number): number => (n * (n - 1)) / 2;
