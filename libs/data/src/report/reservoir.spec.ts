import { Random } from '@assay/core';
import { Reservoir } from './reservoir.js';

const sampleOf = (capacity: number, n: number, seed: number): number[] => {
  const reservoir = new Reservoir<number>(capacity, new Random(seed));
  for (let i = 0; i < n; i++) reservoir.add(() => i);
  return reservoir.items;
};

describe('Reservoir', () => {
  it('keeps everything, in order, while there is room', () => {
    expect(sampleOf(4, 4, 1)).toEqual([0, 1, 2, 3]);
  });

  it('keeps each item equally often', () => {
    const kept = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2000; seed++) for (const item of sampleOf(3, 10, seed)) kept[item]!++;
    // Binomial of 2000 draws at 0.3: standard deviation 20.5.
    for (const times of kept) expect(Math.abs(times - 600)).toBeLessThan(90);
  });

  it('makes no item that it does not keep, and counts all', () => {
    const reservoir = new Reservoir<number>(1, new Random(7));
    let made = 0;
    for (let i = 0; i < 1000; i++) reservoir.add(() => ++made);
    expect(reservoir.seen).toBe(1000);
    expect(made).toBeLessThan(30); // 1 + 1/2 + … + 1/1000 = 7.5 are expected
    expect(reservoir.items).toEqual([made]);
  });
});
