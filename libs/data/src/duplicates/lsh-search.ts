import { JaccardOfTexts } from './jaccard.js';
import { bandHash, type Bands } from './lsh-bands.js';
import { MinHasher } from './minhash.js';
import { Shingler } from './shingles.js';
import { sortByKey } from './sort-by-key.js';
import { bytesOf, type StoredTexts } from './text-store.js';

/** What threads that search together share. */
export interface LshSearch extends Bands {
  texts: StoredTexts;
  /** Texts that are compared, in rising order. */
  text_N: Uint32Array;
  /** Hash of band b of item n at b · N + n, in shared memory. */
  hash_BN: Uint32Array;
  /** Items of each band by rising hash. */
  order_BN: Uint32Array;
  /** 1 for an item whose bucket in the band is larger than `maxBucket`. */
  isLarge_BN: Uint8Array;
  numHashes: number;
  shingleLength: number;
  threshold: number;
  /** Larger buckets are compared in part. */
  maxBucket: number;
}

/** Pairs of texts, a below b, with their similarities. */
export interface PairColumns {
  a: Uint32Array;
  b: Uint32Array;
  similarity: Float32Array;
  /** Comparisons that were left out in large buckets. */
  skipped: number;
}

/** Fills in the hashes of items from `from` to before `to`. */
export function hashItems(search: LshSearch, from: number, to: number): void {
  const { texts, text_N, hash_BN, numHashes, shingleLength, bands, rows } = search;
  const shingler = new Shingler(shingleLength);
  const hasher = new MinHasher(numHashes);
  const N = text_N.length;
  for (let n = from; n < to; n++) {
    const signature = hasher.sign(shingler.hash(bytesOf(texts, text_N[n] ?? 0)));
    for (let band = 0; band < bands; band++) hash_BN[band * N + n] = bandHash(signature, band, rows);
  }
}

/** Sorts the items of a band, and marks those in large buckets. */
export function sortBand(
  { hash_BN, order_BN, isLarge_BN, text_N, maxBucket }: LshSearch,
  band: number,
): void {
  const N = text_N.length;
  const keys = hash_BN.subarray(band * N, (band + 1) * N);
  const order = sortByKey(keys);
  order_BN.set(order, band * N);
  for (const [start, end] of runsOf(keys, order))
    if (end - start > maxBucket)
      for (const item of order.subarray(start, end)) isLarge_BN[band * N + item] = 1;
}

/** Stretches of two or more items with equal keys. */
function* runsOf(keys: Uint32Array, order: Uint32Array): Generator<[start: number, end: number]> {
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && keys[order[end] ?? 0] === keys[order[start] ?? 0]) end++;
    if (end - start > 1) yield [start, end];
    start = end;
  }
}

/**
 * Pairs of this band whose similarity reaches the threshold, but for those that an earlier band has compared. In a bucket of up to `maxBucket`
 * texts all are compared. In a larger one, sorted so that texts that agree in the next band too are neighbours, each is
 * compared with the 8 before it and with the first texts of the 32 latest clusters; it may then be found in another band.
 */
export function searchBand(search: LshSearch, band: number): PairColumns {
  return new BandSearch(search, band).run();
}

const NEIGHBOURS = 8;
const CLUSTERS = 32;

class BandSearch {
  readonly #search: LshSearch;
  readonly #band: number;
  readonly #jaccard: JaccardOfTexts;
  readonly #pairs: { a: number[]; b: number[]; similarity: number[] } = { a: [], b: [], similarity: [] };
  #skipped = 0;

  constructor(search: LshSearch, band: number) {
    this.#search = search;
    this.#band = band;
    this.#jaccard = new JaccardOfTexts(new Shingler(search.shingleLength));
  }

  run(): PairColumns {
    const { order_BN, text_N } = this.#search;
    const order = order_BN.subarray(this.#band * text_N.length, (this.#band + 1) * text_N.length);
    for (const [start, end] of runsOf(this.#hashesOf(this.#band), order))
      this.#searchBucket(order.subarray(start, end));
    const { a, b, similarity } = this.#pairs;
    return {
      a: Uint32Array.from(a),
      b: Uint32Array.from(b),
      similarity: Float32Array.from(similarity),
      skipped: this.#skipped,
    };
  }

  #hashesOf(band: number): Uint32Array {
    const { hash_BN, text_N } = this.#search;
    return hash_BN.subarray(band * text_N.length, (band + 1) * text_N.length);
  }

  #searchBucket(items: Uint32Array): void {
    if (items.length > this.#search.maxBucket) {
      this.#searchLargeBucket(items);
      return;
    }
    for (let i = 0; i < items.length - 1; i++) {
      let isLoaded = false;
      for (let j = i + 1; j < items.length; j++) {
        const [a, b] = [items[i] ?? 0, items[j] ?? 0];
        if (this.#metBefore(a, b)) continue;
        if (!isLoaded) this.#jaccard.load(this.#bytesOf(a));
        isLoaded = true;
        this.#compare(a, b);
      }
    }
  }

  #searchLargeBucket(items: Uint32Array): void {
    const { bands } = this.#search;
    const next = this.#hashesOf((this.#band + 1) % bands);
    const order = sortByKey(Uint32Array.from(items, (item) => next[item] ?? 0));
    const sorted = Uint32Array.from(order, (i) => items[i] ?? 0);
    const firsts: number[] = [];
    let compared = 0;
    for (const [i, item] of sorted.entries()) {
      const others = new Set([
        ...sorted.subarray(Math.max(0, i - NEIGHBOURS), i),
        ...firsts.slice(-CLUSTERS),
      ]);
      this.#jaccard.load(this.#bytesOf(item));
      let isNew = true;
      for (const other of others) {
        compared++;
        if (this.#compare(item, other)) isNew = false;
      }
      if (isNew) firsts.push(item);
    }
    this.#skipped += (items.length * (items.length - 1)) / 2 - compared;
  }

  /** Whether two items were compared in a band before this one: they share a bucket there that is not large. */
  #metBefore(a: number, b: number): boolean {
    const { hash_BN, isLarge_BN, text_N } = this.#search;
    for (let at = 0; at < this.#band * text_N.length; at += text_N.length)
      if (hash_BN[at + a] === hash_BN[at + b] && isLarge_BN[at + a] === 0) return true;
    return false;
  }

  /** Compares the loaded item with another, and notes the pair when it is similar. */
  #compare(loaded: number, other: number): boolean {
    const { text_N, threshold } = this.#search;
    const similarity = this.#jaccard.similarity(this.#bytesOf(other));
    if (similarity < threshold) return false;
    const [a = 0, b = 0] = loaded < other ? [text_N[loaded], text_N[other]] : [text_N[other], text_N[loaded]];
    this.#pairs.a.push(a);
    this.#pairs.b.push(b);
    this.#pairs.similarity.push(similarity);
    return true;
  }

  #bytesOf(item: number): Uint8Array {
    return bytesOf(this.#search.texts, this.#search.text_N[item] ?? 0);
  }
}
