import { charNgramBuckets, wordNgramBuckets } from './hashed-ngrams.js';
import { encodeText, takeTurns, type TextConfig } from './text-encoder.js';

const CONFIG: TextConfig = {
  kind: 'hashed-ngrams',
  fields: ['title', 'tags'],
  wordNgrams: [1, 1],
  charNgrams: [3, 3],
  buckets: 1000,
  maxTokens: 5,
};
const word = (field: string, text: string): number[] =>
  wordNgramBuckets(text, { namespace: `${field}/word`, range: [1, 1], buckets: 1000 });
const char = (field: string, text: string): number[] =>
  charNgramBuckets(text, { namespace: `${field}/char`, range: [3, 3], buckets: 1000 });

describe('takeTurns', () => {
  it('goes round the lists until there is no room', () => {
    expect(takeTurns([['a1', 'a2', 'a3'], ['b1'], ['c1', 'c2']], 5)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2']);
  });
});

describe('encodeText', () => {
  it('puts words of all fields before characters, and pads', () => {
    const { token_L, mask_L } = encodeText({ title: 'ab', tags: '' }, CONFIG);
    expect([...token_L]).toEqual([...word('title', 'ab'), ...char('title', 'ab'), 0, 0]);
    expect([...mask_L]).toEqual([1, 1, 1, 0, 0]);
  });

  it('cuts a long field rather than the short one', () => {
    const { token_L } = encodeText({ title: 'a b c d e f g', tags: 'x y' }, CONFIG);
    const [a, b, c] = word('title', 'a b c');
    const [x, y] = word('tags', 'x y');
    expect([...token_L]).toEqual([a, x, b, y, c]);
  });

  it('reads the normalised text', () => {
    expect(encodeText({ title: 'CU\u200bRE' }, CONFIG)).toEqual(encodeText({ title: 'cure' }, CONFIG));
  });

  it('gives a text below the limit the n-grams that the whole text gives', () => {
    const text = 'one two three';
    const wide = { ...CONFIG, fields: ['title'], maxTokens: 500 };
    const expected = [...word('title', text), ...char('title', text)];
    expect([...encodeText({ title: text }, wide).token_L].slice(0, expected.length)).toEqual(expected);
    expect([...encodeText({ title: text }, { ...wide, maxTokens: 5 }).token_L]).toEqual(expected.slice(0, 5));
  });

  it('reads no more of an endless field than its first 65,536 characters', () => {
    const padding = 'a '.repeat(2 ** 15);
    expect(encodeText({ title: `${padding}b` }, CONFIG)).toEqual(encodeText({ title: 'a' }, CONFIG));
    expect(encodeText({ title: `${padding.slice(2)}b` }, CONFIG)).toEqual(
      encodeText({ title: 'a b' }, CONFIG),
    );
  });

  it('makes no character n-grams when the config turns them off', () => {
    expect([...encodeText({ title: 'ab' }, { ...CONFIG, charNgrams: null }).mask_L]).toEqual([1, 0, 0, 0, 0]);
  });

  it('calls a text of spaces and invisible characters absent', () => {
    expect(encodeText({ title: ' \u200b', tags: '\n' }, CONFIG).isPresent).toBe(false);
    expect(encodeText({ title: '', tags: '.' }, CONFIG).isPresent).toBe(true);
  });
});
