import { MergeQueue } from './merge-queue.js';

/** A word of the training texts as ids of tokens, and how often it occurs. */
export interface CountedWord {
  tokens: number[];
  count: number;
}

export interface MergeOptions {
  /** Tokens by id that there are from the beginning. */
  alphabet: readonly string[];
  /** Most tokens, those of the alphabet among them. */
  maxTokens: number;
  /** A pair that is seen less often is not merged. */
  minCount: number;
  /** The token that two tokens make. */
  join: (left: string, right: string) => string;
}

export interface LearntMerges {
  /** Tokens by id: the alphabet, then in the order in which they were made. */
  tokens: string[];
  /** Ids of the pairs in the order in which they were merged. */
  merges: [left: number, right: number][];
}

interface Pair {
  left: number;
  right: number;
  /** How often the two stand side by side, each word as often as it occurs. */
  count: number;
  /** The greatest count with which it stands in line. */
  queued: number;
  /** Where it was seen; it may be there no more. */
  words: Set<number>;
}

/** More than tokens: left · RADIX + right is a key that sorts as the pair does. */
const RADIX = 2 ** 24;

/**
 * Byte-pair encoding: merges the most frequent pair of tokens that stand side by side, again and again. Of equally frequent
 * pairs the one whose ids sort first goes first, so that equal words give equal merges whatever their order.
 *
 * @param words their tokens are merged in place
 * @see Sennrich et al. 2016, "Neural machine translation of rare words with subword units"
 */
export function learnMerges(words: readonly CountedWord[], options: MergeOptions): LearntMerges {
  const { alphabet, maxTokens, minCount, join } = options;
  const tokens = [...alphabet];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: LearntMerges['merges'] = [];
  const pairs = new PairCounts(words);
  while (tokens.length < maxTokens) {
    const pair = pairs.mostFrequent();
    if (pair === undefined || pair.count < minCount) break;
    const token = join(tokens[pair.left] ?? '', tokens[pair.right] ?? '');
    const id = ids.get(token) ?? tokens.push(token) - 1;
    ids.set(token, id);
    merges.push([pair.left, pair.right]);
    pairs.merge(pair, id);
  }
  return { tokens, merges };
}

/** Counts of the pairs in words, kept up to date while pairs are merged. */
class PairCounts {
  readonly #pairs = new Map<number, Pair>();
  readonly #queue = new MergeQueue();
  readonly #touched = new Set<Pair>();

  constructor(private readonly words: readonly CountedWord[]) {
    for (const i of words.keys()) this.#add(i);
    this.#queueTouched();
  }

  mostFrequent(): Pair | undefined {
    for (;;) {
      const entry = this.#queue.pop();
      if (entry === undefined) return undefined;
      const pair = this.#pairs.get(entry.key);
      if (pair === undefined) continue;
      if (pair.count === entry.count) return pair;
      pair.queued = pair.count; // it became rarer since
      this.#queue.push({ key: entry.key, count: pair.count });
    }
  }

  merge(pair: Pair, id: number): void {
    for (const i of pair.words) {
      const word = this.words[i];
      if (word === undefined || !holds(word.tokens, pair)) continue;
      this.#subtract(word);
      mergeIn(word.tokens, pair, id);
      this.#add(i);
    }
    this.#queueTouched();
  }

  #add(i: number): void {
    const { tokens = [], count = 0 } = this.words[i] ?? {};
    for (let at = 1; at < tokens.length; at++) {
      const pair = this.#pairOf(tokens[at - 1] ?? 0, tokens[at] ?? 0);
      pair.count += count;
      pair.words.add(i);
      this.#touched.add(pair);
    }
  }

  #subtract({ tokens, count }: CountedWord): void {
    for (let at = 1; at < tokens.length; at++) {
      const pair = this.#pairOf(tokens[at - 1] ?? 0, tokens[at] ?? 0);
      pair.count -= count;
      this.#touched.add(pair);
    }
  }

  #pairOf(left: number, right: number): Pair {
    const key = left * RADIX + right;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { left, right, count: 0, queued: 0, words: new Set() };
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  #queueTouched(): void {
    for (const pair of this.#touched) {
      const key = pair.left * RADIX + pair.right;
      if (pair.count === 0) this.#pairs.delete(key);
      if (pair.count <= pair.queued) continue;
      pair.queued = pair.count;
      this.#queue.push({ key, count: pair.count });
    }
    this.#touched.clear();
  }
}

const holds = (tokens: readonly number[], { left, right }: Pair): boolean =>
  tokens.some((token, at) => token === left && tokens[at + 1] === right);

/** From left to right, so that of three equal tokens the first two are merged. */
function mergeIn(tokens: number[], { left, right }: Pair, id: number): void {
  let length = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? 0;
    const isPair = token === left && tokens[at + 1] === right;
    tokens[length++] = isPair ? id : token;
    if (isPair) at += 1;
  }
  tokens.length = length;
}
