/**
 * Disjoint sets of 0 … n − 1, joined by size, with path halving.
 *
 * @see Tarjan & van Leeuwen 1984, "Worst-case analysis of set union algorithms"
 */
export class UnionFind {
  readonly #parent: Int32Array;
  readonly #size: Int32Array;

  constructor(n: number) {
    this.#parent = Int32Array.from({ length: n }, (_, i) => i);
    this.#size = new Int32Array(n).fill(1);
  }

  /** Representative of the set of an item. */
  find(item: number): number {
    const parent = this.#parent;
    let i = item;
    for (let above = parent[i] ?? i; above !== i; above = parent[i] ?? i) {
      parent[i] = parent[above] ?? above;
      i = parent[i] ?? i;
    }
    return i;
  }

  /** @returns whether the two were apart before */
  union(a: number, b: number): boolean {
    let [large, small] = [this.find(a), this.find(b)];
    if (large === small) return false;
    if ((this.#size[large] ?? 0) < (this.#size[small] ?? 0)) [large, small] = [small, large];
    this.#parent[small] = large;
    this.#size[large] = (this.#size[large] ?? 0) + (this.#size[small] ?? 0);
    return true;
  }

  /** Sets of two or more, each in rising order, by their first items. */
  components(): number[][] {
    const members = new Map<number, number[]>();
    for (let i = 0; i < this.#parent.length; i++) {
      const root = this.find(i);
      if ((this.#size[root] ?? 1) < 2) continue;
      const list = members.get(root);
      if (list === undefined) members.set(root, [i]);
      else list.push(i);
    }
    return [...members.values()]; // in the order of their first items
  }
}
