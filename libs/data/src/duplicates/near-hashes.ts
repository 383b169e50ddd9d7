import { setImmediate } from 'node:timers/promises';
import { AssayError, throwIfInterrupted } from '@assay/core';
import { countBits } from './count-bits.js';

/** Two perceptual hashes, a before b, that differ in few bits. */
export interface HashPair {
  a: number;
  b: number;
  /** Bits that differ. */
  distance: number;
  /** Whether one of them is near the hash of the other's mirror image only. */
  isMirrored: boolean;
}

export interface HashSearch {
  /** Hashes of equal length, a multiple of 32 bits. */
  hashes: readonly Uint8Array[];
  /** Hashes of the mirror images, one each; without them mirror images are not found. */
  mirrored?: readonly Uint8Array[];
  /** Most bits that may differ, ≥ 0. */
  maxDistance: number;
  /** Whether two whose hashes are near are so in all else as well. Default: they are. */
  confirms?: (a: number, b: number, isMirrored: boolean) => boolean;
  /** Members up to which a family is given with all its pairs; of a larger one, those that hold it together. Default: any number. */
  maxFamily?: number;
  signal?: AbortSignal | undefined;
}

const CHUNK_BITS = 16;
const CHUNK_VALUES = 2 ** CHUNK_BITS;
/** Items between two pauses. */
const ITEMS_AT_ONCE = 512;

/**
 * Pairs of hashes within a Hamming distance, none missed: hashes are cut into chunks of 16 bits, and of two hashes
 * within d bits some chunk differs by no more than its part of d (multi-index hashing). A walk goes from item to item and
 * takes those that it reaches out of the index, so a family of n near copies takes about n comparisons.
 *
 * @returns pairs by a, then b; of a pair that is near both ways, the one that is not mirrored
 * @throws SHAPE_MISMATCH when the hashes differ in length
 * @throws INTERRUPTED when the signal is aborted
 * @see Norouzi, Punjani & Fleet 2012, "Fast search in Hamming space with multi-index hashing"
 */
export async function findNearHashes(search: HashSearch): Promise<HashPair[]> {
  const { hashes, maxFamily = Infinity, signal } = search;
  const comparison = new HashComparison(search);
  const pairs: HashPair[] = [];
  for await (const { members, links } of walkFamilies(comparison, hashes.length, signal)) {
    if (members.length > maxFamily) for (const link of links) pairs.push(link);
    else
      for (const [i, x] of members.entries())
        for (const y of members.slice(i + 1)) {
          const pair = comparison.pairOf(x, y);
          if (pair !== null) pairs.push(pair);
        }
  }
  return pairs.sort((x, y) => x.a - y.a || x.b - y.b);
}

interface Family {
  members: number[];
  /** A tree that spans them. */
  links: HashPair[];
}

async function* walkFamilies(
  comparison: HashComparison,
  count: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Family> {
  const isReached = new Uint8Array(count);
  const comparedWith = new Int32Array(count).fill(-1);
  let walked = 0;
  for (let first = 0; first < count; first++) {
    if (isReached[first] === 1) continue;
    isReached[first] = 1;
    const family: Family = { members: [first], links: [] };
    for (const member of family.members) {
      for (const other of comparison.candidates(member, isReached)) {
        if (comparedWith[other] === member) continue; // near by several chunks
        comparedWith[other] = member;
        const link = comparison.pairOf(member, other);
        if (link === null) continue;
        isReached[other] = 1;
        family.members.push(other);
        family.links.push(link);
      }
      if (++walked % ITEMS_AT_ONCE !== 0) continue;
      await setImmediate(); // a signal of the user has its turn
      throwIfInterrupted(signal);
    }
    if (family.members.length > 1) yield family;
  }
}

/** Compares items by their hashes. */
class HashComparison {
  readonly #index: HashIndex;
  readonly #mirrors: HashIndex | null;
  readonly #maxDistance: number;
  readonly #confirms: (a: number, b: number, isMirrored: boolean) => boolean;

  constructor({ hashes, mirrored, maxDistance, confirms = () => true }: HashSearch) {
    this.#index = new HashIndex(hashes, maxDistance);
    this.#mirrors = mirrored === undefined ? null : new HashIndex(mirrored, maxDistance);
    this.#maxDistance = maxDistance;
    this.#confirms = confirms;
  }

  /** The two as a pair, or null when they are not near. */
  pairOf(x: number, y: number): HashPair | null {
    const [a, b] = x < y ? [x, y] : [y, x];
    const direct = this.#index.distance(a, this.#index, b);
    if (direct <= this.#maxDistance && this.#confirms(a, b, false))
      return { a, b, distance: direct, isMirrored: false };
    if (this.#mirrors === null) return null;
    const turned = Math.min(
      this.#index.distance(a, this.#mirrors, b),
      this.#mirrors.distance(a, this.#index, b),
    );
    if (turned > this.#maxDistance || !this.#confirms(a, b, true)) return null;
    return { a, b, distance: turned, isMirrored: true };
  }

  /** Items that are near by a hash: directly, near the item's mirror image, or with a mirror image near the item. */
  *candidates(item: number, isReached: Uint8Array): Generator<number, undefined> {
    const hash = this.#index.wordsOf(item);
    yield* this.#index.within(hash, isReached);
    if (this.#mirrors === null) return;
    yield* this.#index.within(this.#mirrors.wordsOf(item), isReached);
    yield* this.#mirrors.within(hash, isReached);
  }
}

class HashIndex {
  /** Words of all hashes, one hash after the other. */
  readonly #words: Uint32Array;
  readonly #numWords: number;
  readonly #maxDistance: number;
  /** Per chunk: items by the chunk's value, where each value begins, and where its items end that may not be reached yet. */
  readonly #chunks: { starts: Uint32Array; ends: Uint32Array; items: Uint32Array; masks: Uint16Array }[];

  constructor(hashes: readonly Uint8Array[], maxDistance: number) {
    const numBytes = hashes[0]?.length ?? 4;
    if (numBytes % 4 !== 0 || !hashes.every(({ length }) => length === numBytes))
      throw new AssayError(
        'SHAPE_MISMATCH',
        'Perceptual hashes must have one length, a multiple of 32 bits.',
      );
    this.#numWords = numBytes / 4;
    this.#maxDistance = maxDistance;
    this.#words = new Uint32Array(hashes.length * this.#numWords);
    for (const [i, hash] of hashes.entries()) this.#words.set(wordsOf(hash), i * this.#numWords);
    const numChunks = 2 * this.#numWords;
    // d = numChunks · radius + rest: in a pair within d, one of the first rest + 1 chunks differs by up to the radius, or one
    // of the others by less.
    const radius = Math.floor(maxDistance / numChunks);
    const rest = maxDistance % numChunks;
    const [masks, fewer] = [masksWithin(radius), masksWithin(radius - 1)];
    this.#chunks = Array.from({ length: numChunks }, (_, chunk) => ({
      ...this.#sortByChunk(chunk, hashes.length),
      masks: chunk <= rest ? masks : fewer,
    }));
  }

  wordsOf(item: number): Uint32Array {
    return this.#words.subarray(item * this.#numWords, (item + 1) * this.#numWords);
  }

  /** Items within the distance of a hash that are not reached; those that are get out of the index. */
  *within(query: Uint32Array, isReached: Uint8Array): Generator<number, undefined> {
    for (const [chunk, { starts, ends, items, masks }] of this.#chunks.entries()) {
      const value = chunkOf(query, 0, chunk);
      for (const mask of masks) {
        const key = value ^ mask;
        const end = ends[key] ?? 0;
        let left = starts[key] ?? 0;
        for (let i = left; i < end; i++) {
          const item = items[i] ?? 0;
          if (isReached[item] === 0 && this.#distance(query, 0, item) <= this.#maxDistance) yield item;
          if (isReached[item] === 0) items[left++] = item;
        }
        ends[key] = left;
      }
    }
  }

  /** Bits in which an item differs from one of another index. */
  distance(item: number, other: HashIndex, otherItem: number): number {
    return this.#distance(other.#words, otherItem * this.#numWords, item);
  }

  /** Bits in which an item differs from the words of a hash, which begin at `at`. No copy: it is asked very often. */
  #distance(words: Uint32Array, at: number, item: number): number {
    let bits = 0;
    for (let w = 0, own = item * this.#numWords; w < this.#numWords; w++, own++)
      bits += countBits((words[at + w] ?? 0) ^ (this.#words[own] ?? 0));
    return bits;
  }

  #sortByChunk(chunk: number, count: number): Record<'starts' | 'ends' | 'items', Uint32Array> {
    const starts = new Uint32Array(CHUNK_VALUES + 1);
    const valueOf = (item: number): number => chunkOf(this.#words, item * this.#numWords, chunk);
    for (let item = 0; item < count; item++) {
      const value = valueOf(item);
      starts[value + 1] = (starts[value + 1] ?? 0) + 1;
    }
    for (let value = 0; value < CHUNK_VALUES; value++)
      starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0);
    const ends = starts.slice();
    const items = new Uint32Array(count);
    for (let item = 0; item < count; item++) {
      const value = valueOf(item);
      const place = ends[value] ?? 0;
      items[place] = item;
      ends[value] = place + 1;
    }
    return { starts, ends, items };
  }
}

const wordsOf = (hash: Uint8Array): Uint32Array => {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.length);
  return Uint32Array.from({ length: hash.length / 4 }, (_, word) => view.getUint32(4 * word));
};

const chunkOf = (words: Uint32Array, offset: number, chunk: number): number =>
  ((words[offset + (chunk >> 1)] ?? 0) >>> (chunk % 2 === 0 ? CHUNK_BITS : 0)) & (CHUNK_VALUES - 1);

/** All values of a chunk with up to `radius` bits set; none when it is below 0. */
function masksWithin(radius: number): Uint16Array {
  const masks = radius < 0 ? [] : [0];
  for (let bit = 1; bit < CHUNK_VALUES; bit *= 2)
    for (const mask of masks.slice()) if (countBits(mask) < radius) masks.push(mask | bit);
  return Uint16Array.from(masks);
}
