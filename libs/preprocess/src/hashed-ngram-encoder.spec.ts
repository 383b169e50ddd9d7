import { hashedNgramEncoder, takeTurns } from './hashed-ngram-encoder.js';
import { charNgramBuckets, wordNgramBuckets } from './hashed-ngrams.js';
import type { HashedNgramState } from './text-state.js';

const STATE: HashedNgramState = {
  ...{ kind: 'hashed-ngrams', hash: 'fnv1a-32', view: 'normalized', changes: [] },
  fields: ['title', 'tags'],
  wordNgrams: [1, 1],
  charNgrams: [3, 3],
  buckets: 1000,
  maxTokens: 5,
};
const encode = (texts: string[], changes: Partial<HashedNgramState> = {}): number[] =>
  hashedNgramEncoder({ ...STATE, ...changes }).encode(texts);
const word = (field: string, text: string): number[] =>
  wordNgramBuckets(text, { namespace: `${field}/word`, range: [1, 1], buckets: 1000 });
const char = (field: string, text: string): number[] =>
  charNgramBuckets(text, { namespace: `${field}/char`, range: [3, 3], buckets: 1000 });

describe('takeTurns', () => {
  it('goes round the lists until there is no room', () => {
    expect(takeTurns([['a1', 'a2', 'a3'], ['b1'], ['c1', 'c2']], 5)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2']);
  });
});

describe('hashedNgramEncoder', () => {
  it('puts words of all fields before characters', () => {
    expect(encode(['ab', ''])).toEqual([...word('title', 'ab'), ...char('title', 'ab')]);
  });

  it('cuts a long field rather than the short one', () => {
    const [a, b, c] = word('title', 'a b c');
    const [x, y] = word('tags', 'x y');
    expect(encode(['a b c d e f g', 'x y'])).toEqual([a, x, b, y, c]);
  });

  it('does not tell capitals from small letters', () => {
    expect(encode(['CURE ΣΊΣΥΦΟΣ', ''])).toEqual(encode(['cure σίσυφοσ', '']));
  });

  it('gives a text below the limit the n-grams that the whole text gives', () => {
    const text = 'one two three';
    const expected = [...word('title', text), ...char('title', text)];
    expect(encode([text], { fields: ['title'], maxTokens: 500 })).toEqual(expected);
    expect(encode([text], { fields: ['title'], maxTokens: 5 })).toEqual(expected.slice(0, 5));
  });

  it('makes no character n-grams when the config turns them off', () => {
    expect(encode(['ab', ''], { charNgrams: null })).toHaveLength(1);
  });

  it('has as many ids as buckets, and 0 to fill up', () => {
    expect(hashedNgramEncoder(STATE)).toMatchObject({ vocabularySize: 1000, padId: 0 });
  });
});
