import { charNgramBuckets, wordNgramBuckets } from './hashed-ngrams.js';
import type { TextEncoder } from './text-encoder.js';
import type { HashedNgramState } from './text-state.js';
import { foldCase } from './text-views/case-fold.js';
import { pinnedNfc } from './text-views/pinned-normalization.js';

/** Ids of buckets start behind it. */
const PADDING = 0;

/**
 * Hashed n-grams of the text fields in small letters, each distinct one once per field. When there are more than
 * `maxTokens`, word n-grams go before character n-grams, and fields take turns, so that a long description cannot crowd out
 * the title.
 */
export function hashedNgramEncoder(state: HashedNgramState): TextEncoder {
  const { fields, wordNgrams, charNgrams, buckets, maxTokens } = state;
  return {
    vocabularySize: buckets,
    padId: PADDING,
    encode(texts) {
      const small = texts.map((text) => pinnedNfc(foldCase(text)));
      const words = small.map((text, i) =>
        wordNgramBuckets(text, {
          namespace: `${fields[i]}/word`,
          range: wordNgrams,
          buckets,
          limit: maxTokens,
        }),
      );
      const tokens = takeTurns(words, maxTokens);
      if (charNgrams === null || tokens.length === maxTokens) return tokens;
      const limit = maxTokens - tokens.length;
      const chars = small.map((text, i) =>
        charNgramBuckets(text, { namespace: `${fields[i]}/char`, range: charNgrams, buckets, limit }),
      );
      return [...tokens, ...takeTurns(chars, limit)];
    },
  };
}

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
