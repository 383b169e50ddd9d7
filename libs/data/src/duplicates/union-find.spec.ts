import fc from 'fast-check';
import { UnionFind } from './union-find.js';

it('joins sets: a case by hand', () => {
  const sets = new UnionFind(6);
  expect([sets.union(4, 1), sets.union(1, 5), sets.union(4, 5), sets.union(3, 0)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(sets.components()).toEqual([
    [0, 3],
    [1, 4, 5],
  ]);
  expect(sets.find(4)).toBe(sets.find(5));
  expect(sets.find(2)).toBe(2);
});

it('has the components that a search of the graph finds', () => {
  const graphs = fc
    .integer({ min: 1, max: 40 })
    .chain((n) =>
      fc.tuple(fc.constant(n), fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 60 })),
    );
  fc.assert(
    fc.property(graphs, ([n, edges]) => {
      const sets = new UnionFind(n);
      for (const [a, b] of edges) sets.union(a, b);
      expect(sets.components()).toEqual(componentsBySearch(n, edges));
    }),
  );
});

function componentsBySearch(n: number, edges: readonly (readonly [number, number])[]): number[][] {
  const seen = new Set<number>();
  const found: number[][] = [];
  for (let start = 0; start < n; start++) {
    if (seen.has(start)) continue;
    const component = [start];
    seen.add(start);
    for (const item of component)
      for (const edge of edges)
        for (const [from, to] of [edge, [edge[1], edge[0]] as const])
          if (from === item && !seen.has(to)) {
            seen.add(to);
            component.push(to);
          }
    if (component.length > 1) found.push(component.sort((a, b) => a - b));
  }
  return found;
}

it('finds through a chain of 100,000 without a deep call', () => {
  const sets = new UnionFind(100_000);
  for (let i = 1; i < 100_000; i++) sets.union(i - 1, i);
  expect(sets.components()).toHaveLength(1);
});
