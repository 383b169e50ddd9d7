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
});
