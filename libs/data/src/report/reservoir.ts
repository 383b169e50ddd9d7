import type { Random } from '@assay/core';

/**
 * A sample of a stream of unknown length: each item is as likely to be kept as any other.
 *
 * @see Vitter 1985, "Random sampling with a reservoir", algorithm R
 */
export class Reservoir<T> {
  readonly items: T[] = [];
  readonly #capacity: number;
  readonly #random: Random;
  #seen = 0;

  constructor(capacity: number, random: Random) {
    this.#capacity = capacity;
    this.#random = random;
  }

  /** Number of items that were offered. */
  get seen(): number {
    return this.#seen;
  }

  /** @param make called only when the item is kept for now */
  add(make: () => T): void {
    this.#seen++;
    if (this.items.length < this.#capacity) this.items.push(make());
    else {
      const place = this.#random.integer(this.#seen);
      if (place < this.#capacity) this.items[place] = make();
    }
  }
}
