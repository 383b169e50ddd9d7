import { countBits } from './count-bits.js';
import { StampedSet } from './jaccard.js';
import { mixed, Shingler } from './shingles.js';
import { bytesOf, type StoredTexts } from './text-store.js';

const BITS_PER_DIFFERENCE = 12;
const MIN_BITS = 256;
const MAX_BITS = 2 ** 16;

/**
 * Tells pairs of texts that are surely less similar than a threshold from others, in a fraction of the time that a comparison
 * takes. A sketch has one bit for each residue of their hashes: whether an odd number of the text's shingles has it. Sketches
 * of two texts then differ in at most as many bits as shingles are in one text only, and a Jaccard similarity of J leaves
 * room for (1 − J) / (1 + J) of all.
 *
 * @see Sandes, Teodoro & Melo 2020, "Bitmap filter: speeding up exact set similarity joins with bitwise operations"
 */
export class ParitySketches {
  readonly #size_M: Uint32Array;
  readonly #sketch_MW: Int32Array;
  readonly #numWords: number;
  readonly #threshold: number;
  readonly #share: number;

  /** @param members texts to compare */
  constructor(
    texts: StoredTexts,
    members: readonly number[],
    { threshold, shingleLength }: { threshold: number; shingleLength: number },
  ) {
    this.#threshold = threshold;
    this.#share = (1 - threshold) / (1 + threshold);
    const shingler = new Shingler(shingleLength);
    const distinct = new StampedSet();
    const hashesOf = (text: number): Uint32Array => {
      const hashes = shingler.hash(bytesOf(texts, text));
      distinct.clear(hashes.length);
      return hashes.filter((hash) => distinct.add(hash));
    };
    this.#size_M = Uint32Array.from(members, (text) => hashesOf(text).length);
    const meanSize = this.#size_M.reduce((sum, size) => sum + size, 0) / Math.max(1, members.length);
    const wanted = 2 ** Math.ceil(Math.log2(1 + BITS_PER_DIFFERENCE * 2 * this.#share * meanSize));
    const numBits = Math.min(MAX_BITS, Math.max(MIN_BITS, wanted));
    this.#numWords = numBits / 32;
    this.#sketch_MW = new Int32Array(members.length * this.#numWords);
    for (const [m, text] of members.entries()) {
      const sketch = this.#sketch_MW.subarray(m * this.#numWords, (m + 1) * this.#numWords);
      for (const hash of hashesOf(text)) {
        const bit = mixed(hash) & (numBits - 1);
        sketch[bit >>> 5] = (sketch[bit >>> 5] ?? 0) ^ (1 << (bit & 31));
      }
    }
  }

  /** Those of `others` that may reach the threshold with a member; of the rest it is certain that they do not. */
  candidates(member: number, others: Uint32Array): number[] {
    const size_M = this.#size_M;
    const sketch_MW = this.#sketch_MW;
    const numWords = this.#numWords;
    const size = size_M[member] ?? 0;
    const [least, most] = [this.#threshold * size - ROUNDING, size / this.#threshold + ROUNDING];
    const own = sketch_MW.slice(member * numWords, (member + 1) * numWords);
    const found: number[] = [];
    for (let n = 0; n < others.length; n++) {
      const other = others[n] ?? 0;
      const otherSize = size_M[other] ?? 0;
      if (otherSize < least || otherSize > most) continue;
      let room = Math.floor(this.#share * (size + otherSize) + ROUNDING);
      const start = other * numWords;
      for (let word = 0; word < numWords && room >= 0; word++)
        room -= countBits((own[word] ?? 0) ^ (sketch_MW[start + word] ?? 0));
      if (room >= 0) found.push(other);
    }
    return found;
  }
}

const ROUNDING = 1e-6;
