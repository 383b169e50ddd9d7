import type { UnionFind } from './duplicates/union-find.js';
import type { SplitKey } from './split-key.js';

/** Adds to linked records those of equal group. */
export function joinGroups(sets: UnionFind, groups: readonly (string | null)[]): void {
  const firsts = new Map<string, number>();
  for (const [record, group] of groups.entries()) {
    if (group === null) continue;
    const first = firsts.get(group);
    if (first === undefined) firsts.set(group, record);
    else sets.union(first, record);
  }
}

/** Keys with their units; a unit has the smallest of its ids as its name, whatever the order of rows. */
export function withUnits(keys: readonly Omit<SplitKey, 'unit'>[], sets: UnionFind): SplitKey[] {
  const names = new Map<number, string>();
  for (const [record, { id }] of keys.entries()) {
    const root = sets.find(record);
    const name = names.get(root);
    if (name === undefined || id < name) names.set(root, id);
  }
  return keys.map((key, record) => ({ ...key, unit: names.get(sets.find(record)) ?? key.id }));
}
