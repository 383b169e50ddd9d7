import { WordCounts } from './word-counts.js';

const count = (texts: readonly string[], maxWords?: number): Record<string, number> => {
  const words = new WordCounts({ type: 'Lowercase' }, { type: 'WhitespaceSplit' }, maxWords);
  for (const text of texts) words.add(text);
  return Object.fromEntries(words.sorted());
};

describe('WordCounts', () => {
  it('counts the words that the tokeniser sees, in order', () => {
    expect(Object.entries(count(['b a', 'A  c', '']))).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ]);
  });

  it('does not count words of more than 256 characters', () => {
    expect(count([`${'x'.repeat(256)} ${'y'.repeat(257)}`])).toEqual({ ['x'.repeat(256)]: 1 });
  });

  it('forgets words that were seen once when there are too many', () => {
    expect(count(['a a b b', 'c', 'd', 'd'], 3)).toEqual({ a: 2, b: 2, d: 1 });
  });

  it('forgets the rarest, then the oldest, also when all were seen twice, and makes room for many new ones', () => {
    expect(count(['a a', 'b b', 'c c c', 'd d', 'e e'], 4)).toEqual({ c: 3, d: 2, e: 2 });
    const pairs = Array.from({ length: 1000 }, (_, i) => `w${i} w${i}`);
    expect(Object.keys(count(pairs, 8)).length).toBeLessThanOrEqual(8);
  });
});
