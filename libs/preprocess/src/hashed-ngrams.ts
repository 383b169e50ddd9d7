import { fnv1a } from './fnv1a.js';

export interface NgramOptions {
  /** Separates n-grams of different fields and kinds: the same word in two fields is two features. */
  namespace: string;
  /** Smallest and largest n. */
  range: readonly [number, number];
  /** Size of the hash table; bucket 0 is padding, so n-grams lie in [1, buckets − 1]. */
  buckets: number;
  /** Largest number of distinct buckets; the rest of the text is not read. */
  limit?: number;
}

/** Letters, marks, digits and inner apostrophes make a word; every other visible character is a word by itself. */
const WORD = /[\p{L}\p{M}\p{N}_]+(?:['’][\p{L}\p{M}\p{N}_]+)*|[^\s\p{L}\p{M}\p{N}_]/gu;
const SPACE = 0x20;

/**
 * Buckets of the word n-grams of a normalised text: all of n = low first, in the order of the text.
 *
 * @returns distinct buckets
 */
export function wordNgramBuckets(text: string, options: NgramOptions): number[] {
  return distinctBuckets(wordNgramHashes(text, options), options);
}

function* wordNgramHashes(text: string, { namespace, range: [low, high] }: NgramOptions): Generator<number> {
  const words = (text.match(WORD) ?? []).map((word) => Buffer.from(` ${word}`));
  const seed = seedOf(namespace);
  for (let n = low; n <= high; n++) {
    for (let i = 0; i + n <= words.length; i++)
      yield words.slice(i, i + n).reduce((value, word) => fnv1a(word, 0, word.length, value), seed);
  }
}

/**
 * Buckets of the character n-grams within words: every space-separated word, with a space on both sides as boundary
 * marker. A word shorter than n is one n-gram. Characters are code points.
 *
 * @returns distinct buckets
 * @see scikit-learn's `char_wb` analyser, which this equals up to hashing
 */
export function charNgramBuckets(text: string, options: NgramOptions): number[] {
  return distinctBuckets(charNgramHashes(text, options), options);
}

function* charNgramHashes(text: string, { namespace, range: [low, high] }: NgramOptions): Generator<number> {
  const seed = seedOf(namespace);
  for (const word of text.split(/\s+/u)) {
    if (word === '') continue;
    const bytes = Buffer.from(` ${word} `);
    const starts = characterStarts(bytes);
    const length = starts.length - 1;
    for (let n = low; n <= high; n++) {
      for (let i = 0; i === 0 || i + n <= length; i++)
        yield fnv1a(bytes, starts[i], starts[Math.min(i + n, length)], seed);
      if (n >= length) break;
    }
  }
}

/** Buckets in the order in which they first occur. */
function distinctBuckets(hashes: Iterable<number>, { buckets, limit = Infinity }: NgramOptions): number[] {
  const found = new Set<number>();
  for (const hash of hashes) {
    found.add(bucketOf(hash, buckets));
    if (found.size >= limit) break;
  }
  return [...found];
}

const seedOf = (namespace: string): number => fnv1a(Buffer.from(`${namespace}\0`));

const bucketOf = (hash: number, buckets: number): number => 1 + (hash % (buckets - 1));

/** Offset of the first byte of every UTF-8 character, and the length at the end. */
function characterStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let i = 0; i < bytes.length; i++) if (((bytes[i] ?? SPACE) & 0xc0) !== 0x80) starts.push(i);
  starts.push(bytes.length);
  return starts;
}
