import type { PreprocessConfig } from '@assay/config';
import { charNgramBuckets, wordNgramBuckets } from './hashed-ngrams.js';
import { normalizeText } from './normalize-text.js';

export type TextConfig = NonNullable<PreprocessConfig['text']>;

/** Characters of a field that are read, after normalisation: no listing is as long, and a hostile one costs no more. */
const MAX_FIELD_CHARS = 2 ** 16;

export interface EncodedText {
  /** int32 [L] buckets of the hash table, then 0 for padding. */
  token_L: Int32Array;
  /** float32 [L] 1 for a token, 0 for padding. */
  mask_L: Float32Array;
  /** Whether any field holds a visible character. */
  isPresent: boolean;
}

/**
 * Hashed n-grams of the text fields, each distinct one once per field. When there are more than `maxTokens`, word
 * n-grams go before character n-grams, and fields take turns, so that a long description cannot crowd out the title.
 * Of a field, the first 65,536 characters are read.
 */
export function encodeText(text: Readonly<Record<string, string>>, config: TextConfig): EncodedText {
  const { fields, wordNgrams, charNgrams, buckets, maxTokens } = config;
  const views = fields.map((field) => ({ field, view: viewOf(text[field] ?? '') }));
  const words = views.map(({ field, view }) =>
    wordNgramBuckets(view, { namespace: `${field}/word`, range: wordNgrams, buckets, limit: maxTokens }),
  );
  const tokens = takeTurns(words, maxTokens);
  if (charNgrams !== null && tokens.length < maxTokens) {
    const limit = maxTokens - tokens.length;
    const chars = views.map(({ field, view }) =>
      charNgramBuckets(view, { namespace: `${field}/char`, range: charNgrams, buckets, limit }),
    );
    tokens.push(...takeTurns(chars, limit));
  }
  const token_L = new Int32Array(maxTokens);
  token_L.set(tokens);
  return {
    token_L,
    mask_L: new Float32Array(maxTokens).fill(1, 0, tokens.length),
    isPresent: views.some(({ view }) => view.trim() !== ''),
  };
}

/** Cut before normalisation too, which is slow on megabytes; four times as long, as much may be invisible. */
const viewOf = (text: string): string =>
  normalizeText(text.slice(0, 4 * MAX_FIELD_CHARS)).slice(0, MAX_FIELD_CHARS);

/** The first of each list, then the second of each, and so on, up to `room` items. */
export function takeTurns<T>(lists: readonly (readonly T[])[], room: number): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  const taken: T[] = [];
  for (let i = 0; i < longest && taken.length < room; i++) {
    for (const list of lists) {
      const item = list[i];
      if (item !== undefined && taken.length < room) taken.push(item);
    }
  }
  return taken;
}
