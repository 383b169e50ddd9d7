import { joinLink, type DuplicateLink } from './duplicates/find-duplicates.js';
import type { UnionFind } from './duplicates/union-find.js';
import type { MeasuredLeaks } from './leak-report.js';
import type { SplitKey } from './split-key.js';

/** Adds to linked records those of equal value. */
export function joinEqual(sets: UnionFind, groups: readonly (string | null)[]): void {
  const firsts = new Map<string, number>();
  for (const [record, group] of groups.entries()) {
    if (group === null) continue;
    const first = firsts.get(group);
    if (first === undefined) firsts.set(group, record);
    else sets.union(first, record);
  }
}

/**
 * Joins what the leak report found to be alike and the search before the split did not: all of it, not only what lies in
 * different splits now, or what is dealt next might.
 *
 * @returns the links between the keys that were missed
 */
export function joinMissed(
  sets: UnionFind,
  keys: readonly { id: string }[],
  { links, ids }: Pick<MeasuredLeaks, 'links' | 'ids'>,
): DuplicateLink[] {
  const recordOf = new Map(keys.map(({ id }, record) => [id, record]));
  const recordsOf = (positions: readonly number[]): number[] =>
    positions.flatMap((position) => recordOf.get(ids[position] ?? '') ?? []).sort((a, b) => a - b);
  return links
    .map((link) => ({ ...link, a: recordsOf(link.a), b: recordsOf(link.b) }))
    .filter((link) => joinLink(sets, link));
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
