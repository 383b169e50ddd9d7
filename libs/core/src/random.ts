import { createHash } from 'node:crypto';

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/**
 * One block of Philox-4x32-10: four random 32-bit words from a counter and a key.
 *
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"
 */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * Seeded random numbers with named streams. Streams of different names do not overlap, and what one stream draws
 * never changes what another gives, so adding a draw in one place leaves every other place as it was.
 *
 * @example
 * const random = new Random(7, 'split');
 * random.fork('seller/12').uniform(); // the same number in every run
 */
export class Random {
  readonly #seed: number;
  readonly #path: string;
  readonly #key: [number, number];
  readonly #upper: [number, number];
  #block = 0;
  #words: number[] = [];

  /**
   * @param seed non-negative integer
   * @param stream name of the stream
   */
  constructor(seed: number, stream = '') {
    this.#seed = seed;
    this.#path = stream;
    const digest = createHash('sha256').update(`${seed}/${stream}`).digest();
    this.#key = [digest.readUInt32LE(0), digest.readUInt32LE(4)];
    this.#upper = [digest.readUInt32LE(8), digest.readUInt32LE(12)];
  }

  /** An independent stream named below this one. */
  fork(name: string): Random {
    return new Random(this.#seed, `${this.#path}/${name}`);
  }

  /** Number of 32-bit words drawn so far; `seek` goes back to it. */
  get position(): number {
    return this.#block * 4 - this.#words.length;
  }

  /** Continues from a position that `position` gave. */
  seek(position: number): void {
    this.#block = Math.floor(position / 4);
    this.#words = [];
    for (let i = 0; i < position % 4; i++) this.word();
  }

  /** A 32-bit unsigned integer. */
  word(): number {
    let word = this.#words.pop();
    if (word === undefined) {
      const counter = [this.#block >>> 0, Math.floor(this.#block / 2 ** 32), ...this.#upper] as const;
      this.#words = philox(counter, this.#key).reverse();
      this.#block++;
      word = this.#words.pop() ?? 0;
    }
    return word;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform integer in [0, n), without modulo bias. */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box–Muller), mean 0 and variance 1. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** True with probability p. */
  bernoulli(p: number): boolean {
    return this.uniform() < p;
  }

  /** One item, each as likely as the others. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(items.length)];
    if (item === undefined) throw new RangeError('Random.pick: the list is empty');
    return item;
  }

  /** One item with probability proportional to its weight. */
  weighted<T>(items: readonly T[], weights: readonly number[]): T {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let left = this.uniform() * total;
    for (const [i, item] of items.entries()) {
      left -= weights[i] ?? 0;
      if (left < 0) return item;
    }
    return this.pick(items.slice(-1));
  }

  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [out[i], out[j]] = [out[j] as T, out[i] as T]; // both indices are in range
    }
    return out;
  }
}
