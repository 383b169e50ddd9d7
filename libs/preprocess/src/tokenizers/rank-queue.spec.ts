import fc from 'fast-check';
import { RankQueue } from './rank-queue.js';

describe('RankQueue', () => {
  it('gives the least number first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (numbers) => {
        const queue = new RankQueue();
        for (const number of numbers) queue.push(number);
        const drained = [...numbers, 0].map(() => queue.pop());
        expect(drained).toEqual([...[...numbers].sort((a, b) => a - b), undefined]);
      }),
    );
  });

  it('takes more in between', () => {
    const queue = new RankQueue();
    for (const number of [5, 3]) queue.push(number);
    expect(queue.pop()).toBe(3);
    for (const number of [4, 9, 1]) queue.push(number);
    expect([queue.pop(), queue.pop(), queue.pop(), queue.pop(), queue.pop()]).toEqual([
      1,
      4,
      5,
      9,
      undefined,
    ]);
  });
});
