import fc from 'fast-check';
import { MergeQueue, type QueuedPair } from './merge-queue.js';

const drained = (pairs: readonly QueuedPair[]): QueuedPair[] => {
  const queue = new MergeQueue();
  for (const pair of pairs) queue.push(pair);
  return [...pairs, undefined].flatMap(() => queue.pop() ?? []);
};

describe('MergeQueue', () => {
  it('gives the most frequent pair first, then that with the least key', () => {
    expect(
      drained(
        [7, 9, 3].flatMap((key) => [
          { key, count: 1 },
          { key, count: 5 },
        ]),
      ).map(({ key, count }) => [count, key]),
    ).toEqual([
      ...[
        [5, 3],
        [5, 7],
        [5, 9],
      ],
      ...[
        [1, 3],
        [1, 7],
        [1, 9],
      ],
    ]);
  });

  it('sorts any pairs', () => {
    const pair = fc.record({ key: fc.nat(20), count: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const sorted = [...pairs].sort((a, b) => b.count - a.count || a.key - b.key);
        expect(drained(pairs)).toEqual(sorted);
      }),
    );
  });
});
