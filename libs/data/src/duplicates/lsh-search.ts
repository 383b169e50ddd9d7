import { JaccardOfTexts } from './jaccard.js';
import { bandHash, type Bands } from './lsh-bands.js';
import { MinHasher } from './minhash.js';
import { PairList, type PairColumns } from './pair-list.js';
import { Shingler } from './shingles.js';
import { runsOf, sortByKey } from './sort-by-key.js';
import { bytesOf, type StoredTexts } from './text-store.js';
import { UnionFind } from './union-find.js';

/** What threads that search together share. */
export interface LshSearch extends Bands {
  texts: StoredTexts;
  /** Texts that are compared, in rising order. */
  text_N: Uint32Array;
  /** Hash of band b of item n at b · N + n, in shared memory. */
  hash_BN: Uint32Array;
  /** Items of each band by rising hash. */
  order_BN: Uint32Array;
  /** Number of an item's crowd, from 1; 0 for an item of small buckets only. */
  crowd_N: Uint32Array;
  numHashes: number;
  shingleLength: number;
  threshold: number;
  /** Those who share a larger bucket are of one crowd. */
  maxBucket: number;
  /** Comparisons in a crowd for each member, on average. */
  maxComparisons: number;
  /** Of the MinHash signatures. */
  seed: number;
}

/** Fills in the hashes of items from `from` to before `to`. */
export function hashItems(search: LshSearch, from: number, to: number): void {
  const { texts, text_N, hash_BN, numHashes, shingleLength, bands, rows, seed } = search;
  const shingler = new Shingler(shingleLength);
  const hasher = new MinHasher(numHashes, seed);
  const N = text_N.length;
  for (let n = from; n < to; n++) {
    const signature = hasher.sign(shingler.hash(bytesOf(texts, text_N[n] ?? 0)));
    for (let band = 0; band < bands; band++) hash_BN[band * N + n] = bandHash(signature, band, rows);
  }
}

/** Sorts the items of a band. */
export function sortBand({ hash_BN, order_BN, text_N }: LshSearch, band: number): void {
  const N = text_N.length;
  order_BN.set(sortByKey(hash_BN.subarray(band * N, (band + 1) * N)), band * N);
}

/**
 * Crowds: items that large buckets hold together. In a large bucket there are too many pairs to compare them all, so
 * `searchCrowd` looks for what is similar in a crowd.
 *
 * @returns the items of each crowd, in rising order
 */
export function findCrowds({
  hash_BN,
  order_BN,
  crowd_N,
  bands,
  text_N,
  maxBucket,
}: LshSearch): Uint32Array[] {
  const N = text_N.length;
  const sets = new UnionFind(N);
  for (let at = 0; at < bands * N; at += N) {
    const order = order_BN.subarray(at, at + N);
    for (const [start, end] of runsOf(hash_BN.subarray(at, at + N), order))
      if (end - start > maxBucket)
        for (let i = start + 1; i < end; i++) sets.union(order[start] ?? 0, order[i] ?? 0);
  }
  const crowds = sets.components().map((items) => Uint32Array.from(items));
  for (const [crowd, items] of crowds.entries()) for (const item of items) crowd_N[item] = crowd + 1;
  return crowds;
}

/**
 * Pairs of this band whose similarity reaches the threshold, but for those that an earlier band has compared, and those
 * within a crowd.
 */
export function searchBand(search: LshSearch, band: number): PairColumns {
  const { hash_BN, order_BN, crowd_N, texts, text_N, threshold, shingleLength } = search;
  const N = text_N.length;
  const jaccard = new JaccardOfTexts(new Shingler(shingleLength));
  const pairs = new PairList();
  const bytes = (item: number): Uint8Array => bytesOf(texts, text_N[item] ?? 0);
  const isElsewhere = (a: number, b: number): boolean => {
    if (crowd_N[a] !== 0 && crowd_N[a] === crowd_N[b]) return true;
    for (let at = 0; at < band * N; at += N) if (hash_BN[at + a] === hash_BN[at + b]) return true;
    return false;
  };
  const order = order_BN.subarray(band * N, (band + 1) * N);
  for (const [start, end] of runsOf(hash_BN.subarray(band * N, (band + 1) * N), order)) {
    const bucket = order.subarray(start, end);
    if (bucket.length > search.maxBucket) continue; // of one crowd
    for (const [i, a] of bucket.entries()) {
      let isLoaded = false;
      for (const b of bucket.subarray(i + 1)) {
        if (isElsewhere(a, b)) continue;
        if (!isLoaded) jaccard.load(bytes(a));
        isLoaded = true;
        const similarity = jaccard.similarity(bytes(b));
        if (similarity >= threshold) pairs.add(text_N[a] ?? 0, text_N[b] ?? 0, similarity);
      }
    }
  }
  return pairs.columns(0);
}
