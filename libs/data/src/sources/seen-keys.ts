import { createHash } from 'node:crypto';

/**
 * A set of texts that only knows their 64-bit hashes: 16 to 32 bytes a text, however long it is. Among ten million texts
 * two are taken for one with a probability of 3 in a million.
 */
export class SeenKeys {
  /** Open addressing; 0 is an empty slot. */
  #slots = new BigUint64Array(1024);
  #size = 0;

  /** @returns whether the text is new */
  add(key: string): boolean {
    const hash = createHash('sha1').update(key).digest().readBigUInt64LE() | 1n;
    if (!place(this.#slots, hash)) return false;
    this.#size++;
    if (2 * this.#size > this.#slots.length) this.#enlarge();
    return true;
  }

  #enlarge(): void {
    const larger = new BigUint64Array(2 * this.#slots.length);
    for (const hash of this.#slots) if (hash !== 0n) place(larger, hash);
    this.#slots = larger;
  }
}

/** @returns whether the hash was not there */
function place(slots: BigUint64Array, hash: bigint): boolean {
  const mask = slots.length - 1;
  let i = Number((hash >> 1n) & BigInt(mask));
  while (slots[i] !== 0n) {
    if (slots[i] === hash) return false;
    i = (i + 1) & mask;
  }
  slots[i] = hash;
  return true;
}
