import { fnv1a } from './fnv1a.js';
import { charNgramBuckets, wordNgramBuckets } from './hashed-ngrams.js';

const BUCKETS = 2 ** 20;
const options = (range: [number, number], namespace = 'title') => ({ namespace, range, buckets: BUCKETS });
const bucket = (ngram: string, namespace = 'title'): number =>
  1 + (fnv1a(Buffer.from(`${namespace}\0${ngram}`)) % (BUCKETS - 1));

describe('wordNgramBuckets', () => {
  it('gives words, then pairs of neighbours, each once', () => {
    expect(wordNgramBuckets('a b a b', options([1, 2]))).toEqual(
      [' a', ' b', ' a b', ' b a'].map((ngram) => bucket(ngram)),
    );
  });

  it('keeps inner apostrophes and takes every symbol as a word', () => {
    expect(wordNgramBuckets("don't 😀!", options([1, 1]))).toEqual(
      [" don't", ' 😀', ' !'].map((ngram) => bucket(ngram)),
    );
  });

  it('tells fields apart', () => {
    expect(wordNgramBuckets('a', options([1, 1], 'tags'))).not.toEqual(
      wordNgramBuckets('a', options([1, 1])),
    );
  });

  it('never gives 0, which is padding, nor the size of the table', () => {
    const text = Array.from({ length: 500 }, (_, i) => `word${i}`).join(' ');
    const buckets = wordNgramBuckets(text, { namespace: 'x', range: [1, 1], buckets: 5 });
    expect(buckets.sort()).toEqual([1, 2, 3, 4]);
  });

  it('gives nothing for a text without characters', () => {
    expect(wordNgramBuckets(' \n', options([1, 2]))).toEqual([]);
  });
});

describe('charNgramBuckets', () => {
  it('marks the boundaries of words and does not cross them', () => {
    expect(charNgramBuckets('ab c', options([2, 2]))).toEqual(
      [' a', 'ab', 'b ', ' c', 'c '].map((ngram) => bucket(ngram)),
    );
  });

  it('gives a word that is shorter than n once', () => {
    expect(charNgramBuckets('ab', options([3, 5]))).toEqual(
      [' ab', 'ab ', ' ab '].map((ngram) => bucket(ngram)),
    );
    expect(charNgramBuckets('a', options([4, 5]))).toEqual([bucket(' a ')]);
  });

  it('stops at the limit', () => {
    expect(charNgramBuckets('ab c', { ...options([2, 2]), limit: 3 })).toEqual(
      [' a', 'ab', 'b '].map((ngram) => bucket(ngram)),
    );
  });

  it('counts code points, not bytes', () => {
    expect(charNgramBuckets('é😀', options([3, 3]))).toEqual([' é😀', 'é😀 '].map((ngram) => bucket(ngram)));
  });
});
