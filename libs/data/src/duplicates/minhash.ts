import { mixed } from './shingles.js';

/** Values of one pass: many enough that a text of some hundred characters leaves few empty; see `MinHasher`. */
const BINS = 128;

/**
 * MinHash signatures: two sets agree in each value with the probability of their Jaccard similarity. Each pass hashes every
 * shingle once, sorts the hashes into 128 bins by their low bits and keeps the smallest of each (one-permutation hashing);
 * an empty bin takes the value of another, by a rule that depends on the bin alone (optimal densification).
 *
 * @see Li, Owen & Zhang 2012, "One permutation hashing"; Shrivastava 2017, "Optimal densification for fast and accurate
 *   minwise hashing"
 */
export class MinHasher {
  readonly numHashes: number;
  readonly #seeds: Uint32Array;
  readonly #signature: Uint32Array;
  /** 1 for a bin of the present pass that has a hash: any value may be one. */
  readonly #isFilled = new Uint8Array(BINS);

  /**
   * @param numHashes values of a signature; a multiple of 128
   * @param seed whole number; signatures of different seeds are independent
   */
  constructor(numHashes: number, seed = 0) {
    this.numHashes = numHashes;
    const first = seed === 0 ? 0x9e3779b9 : mixed(seed);
    this.#seeds = Uint32Array.from({ length: numHashes / BINS }, (_, pass) => mixed(first + pass));
    this.#signature = new Uint32Array(numHashes);
  }

  /**
   * @param hashes of the shingles, at least one
   * @returns the signature; the next call overwrites it
   */
  sign(hashes: Uint32Array): Uint32Array {
    const signature = this.#signature;
    const isFilled = this.#isFilled;
    for (let pass = 0; pass < this.#seeds.length; pass++) {
      const bins = signature.subarray(pass * BINS, (pass + 1) * BINS);
      const seed = this.#seeds[pass] ?? 0;
      isFilled.fill(0);
      for (let i = 0; i < hashes.length; i++) {
        const hash = mixed((hashes[i] ?? 0) ^ seed);
        const bin = hash & (BINS - 1);
        if (isFilled[bin] === 1 && hash >= (bins[bin] ?? 0)) continue;
        bins[bin] = hash;
        isFilled[bin] = 1;
      }
      if (hashes.length > 0) fillEmpty(bins, isFilled, seed);
    }
    return signature;
  }
}

/** @param isFilled 1 for bins with a hash, of which there is one at least */
function fillEmpty(bins: Uint32Array, isFilled: Uint8Array, seed: number): void {
  for (let bin = 0; bin < BINS; bin++) {
    if (isFilled[bin] === 1) continue;
    let attempt = 0;
    let other = bin;
    while (isFilled[other] === 0)
      other = mixed(seed ^ Math.imul(bin + 1, 0x9e3779b1) ^ ++attempt) & (BINS - 1);
    bins[bin] = bins[other] ?? 0;
  }
}
