import { createPreTokenizer } from './pre-tokenizer.js';
import { runNormalizer } from './run-normalizer.js';
import type { NormalizerConfig, PreTokenizerConfig } from './tokenizer-file.js';
import type { LibraryPreTokenizer } from './tokenizers-library.js';

/** Longer ones are addresses and encoded files, whose parts teach nothing and cost the square of their length. */
const MAX_WORD_LENGTH = 256;
/** Words that are kept: some 400 MB. */
const MAX_WORDS = 2 ** 22;

/** Part of them that is kept when there are more: then it takes many new ones until words are forgotten again. */
const KEPT_PART = 3 / 4;

/**
 * Counts the words that a tokeniser sees in texts. When there are more than 4 million different ones, the rarest are
 * forgotten until 3 million are left, of equally rare ones those that were there first: so any number of texts fits into
 * memory, and frequent words are counted whole or nearly so. Words of more than 256 characters are not counted.
 */
export class WordCounts {
  readonly #counts = new Map<string, number>();
  readonly #preTokenizer: LibraryPreTokenizer;

  constructor(
    private readonly normalizer: NormalizerConfig | null,
    preTokenizer: PreTokenizerConfig,
    private readonly maxWords = MAX_WORDS,
  ) {
    this.#preTokenizer = createPreTokenizer(preTokenizer);
  }

  add(text: string): void {
    const normalized = this.normalizer === null ? text : runNormalizer(this.normalizer, text);
    if (normalized === '') return;
    for (const word of this.#preTokenizer.pre_tokenize(normalized))
      if (word.length <= MAX_WORD_LENGTH) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    if (this.#counts.size > this.maxWords) this.#forgetRare();
  }

  #forgetRare(): void {
    const numKept = Math.floor(KEPT_PART * this.maxWords);
    for (let rare = 1; this.#counts.size > numKept; rare++) {
      for (const [word, count] of this.#counts) {
        if (count > rare) continue;
        this.#counts.delete(word);
        if (this.#counts.size <= numKept) return;
      }
    }
  }

  /** Words with their counts, in the order of their code units. */
  sorted(): [word: string, count: number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
