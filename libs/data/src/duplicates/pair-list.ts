/** Pairs of texts, a below b, with their similarities. */
export interface PairColumns {
  a: Uint32Array;
  b: Uint32Array;
  similarity: Float32Array;
  /** Comparisons that were left out. */
  skipped: number;
}

/** Collects pairs of texts. */
export class PairList {
  #pairs: { a: number; b: number; similarity: number }[] = [];

  /** @param similarity of the two, in any order */
  add(x: number, y: number, similarity: number): void {
    this.#pairs.push({ a: Math.min(x, y), b: Math.max(x, y), similarity });
  }

  /** Takes away the pairs of some texts. */
  remove(isRemoved: (text: number) => boolean): void {
    this.#pairs = this.#pairs.filter(({ a }) => !isRemoved(a));
  }

  columns(skipped: number): PairColumns {
    return {
      a: Uint32Array.from(this.#pairs, ({ a }) => a),
      b: Uint32Array.from(this.#pairs, ({ b }) => b),
      similarity: Float32Array.from(this.#pairs, ({ similarity }) => similarity),
      skipped,
    };
  }
}
