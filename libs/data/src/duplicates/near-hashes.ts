import { AssayError } from '@assay/core';

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
}

const CHUNK_BITS = 16;
const CHUNK_VALUES = 2 ** CHUNK_BITS;

/**
 * All pairs of hashes within a Hamming distance, none missed: hashes are cut into chunks of 16 bits, and of two hashes
 * within d bits some chunk differs by no more than its part of d (multi-index hashing).
 *
 * @returns pairs by a, then b; of a pair that is near both ways, the one that is not mirrored
 * @throws SHAPE_MISMATCH when the hashes differ in length
 * @see Norouzi, Punjani & Fleet 2012, "Fast search in Hamming space with multi-index hashing"
 */
export function findNearHashes({ hashes, mirrored, maxDistance }: HashSearch): HashPair[] {
  const index = new HashIndex(hashes, maxDistance);
  const pairs: HashPair[] = [];
  for (let b = 0; b < hashes.length; b++) {
    const direct = index.within(index.wordsOf(b), b);
    for (const [a, distance] of direct) pairs.push({ a, b, distance, isMirrored: false });
    for (const [a, distance] of index.mirrorsOf(b, mirrored))
      if (!direct.has(a)) pairs.push({ a, b, distance, isMirrored: true });
  }
  return pairs.sort((x, y) => x.a - y.a || x.b - y.b);
}

class HashIndex {
  /** Words of all hashes, one hash after the other. */
  readonly #words: Uint32Array;
  readonly #numWords: number;
  readonly #maxDistance: number;
  /** Per chunk: items by the chunk's value, and where each value begins. */
  readonly #chunks: { starts: Uint32Array; items: Uint32Array; masks: Uint16Array }[];

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
    this.#chunks = Array.from({ length: numChunks }, (_, chunk) => ({
      ...this.#sortByChunk(chunk, hashes.length),
      masks: masksWithin(chunk <= rest ? radius : radius - 1),
    }));
  }

  wordsOf(item: number): Uint32Array {
    return this.#words.subarray(item * this.#numWords, (item + 1) * this.#numWords);
  }

  /** Items before `limit` within the distance of a hash. */
  within(query: Uint32Array, limit: number): Map<number, number> {
    const found = new Map<number, number>();
    for (const [chunk, { starts, items, masks }] of this.#chunks.entries()) {
      const value = chunkOf(query, 0, chunk);
      for (const mask of masks) {
        const key = value ^ mask;
        const end = starts[key + 1] ?? 0;
        for (let i = starts[key] ?? 0; i < end; i++) {
          const item = items[i] ?? 0;
          if (item >= limit) break; // they are in rising order
          if (found.has(item)) continue;
          const distance = this.#distance(query, item);
          if (distance <= this.#maxDistance) found.set(item, distance);
        }
      }
    }
    return found;
  }

  /** Items before one that are near its mirror image, or whose mirror images are near it. */
  *mirrorsOf(item: number, mirrored: readonly Uint8Array[] | undefined): Generator<[number, number]> {
    const mirror = mirrored?.[item];
    if (mirror !== undefined) yield* this.within(wordsOf(mirror), item);
  }

  #distance(query: Uint32Array, item: number): number {
    let bits = 0;
    for (let w = 0, at = item * this.#numWords; w < this.#numWords; w++, at++)
      bits += countBits((query[w] ?? 0) ^ (this.#words[at] ?? 0));
    return bits;
  }

  #sortByChunk(chunk: number, count: number): { starts: Uint32Array; items: Uint32Array } {
    const starts = new Uint32Array(CHUNK_VALUES + 1);
    const valueOf = (item: number): number => chunkOf(this.#words, item * this.#numWords, chunk);
    for (let item = 0; item < count; item++) {
      const value = valueOf(item);
      starts[value + 1] = (starts[value + 1] ?? 0) + 1;
    }
    for (let value = 0; value < CHUNK_VALUES; value++)
      starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0);
    const next = starts.slice();
    const items = new Uint32Array(count);
    for (let item = 0; item < count; item++) {
      const value = valueOf(item);
      const place = next[value] ?? 0;
      items[place] = item;
      next[value] = place + 1;
    }
    return { starts, items };
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
  if (radius < 0) return new Uint16Array(0);
  return Uint16Array.from(
    Array.from({ length: CHUNK_VALUES }, (_, mask) => mask).filter((mask) => countBits(mask) <= radius),
  );
}

/** Bits that are set. @see Warren 2012, "Hacker's delight", section 5-1 */
function countBits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}
