import type { PreprocessConfig } from '@assay/config';
import { AssayError } from '@assay/core';
import { BYTE_CHARACTERS } from './byte-level.js';
import { learnMerges, type CountedWord, type LearntMerges } from './learn-merges.js';
import type { NormalizerConfig, PreTokenizerConfig } from './tokenizer-file.js';
import { WordCounts } from './word-counts.js';

type TextConfig = NonNullable<PreprocessConfig['text']>;
export type TrainedTextConfig = Extract<TextConfig, { kind: 'bpe' | 'wordpiece' }>;
type TrainingOptions = Pick<TrainedTextConfig, 'kind' | 'vocabularySize' | 'minFrequency' | 'lowercase'>;

/** Tokens with a meaning of their own, by id. */
const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
const CLS = 2;
const SEP = 3;
const CONTINUING = '##';
/** Part of the vocabulary that single characters may take, twice: at the start of a word and further on. */
const ALPHABET_PART = 1 / 4;

/** Learns a vocabulary from texts, and gives it as a `tokenizer.json` that the `tokenizers` of Python read. */
export class TokenizerTrainer {
  readonly #words: WordCounts;
  readonly #normalizer: NormalizerConfig | null;
  readonly #preTokenizer: PreTokenizerConfig;

  constructor(private readonly options: TrainingOptions) {
    const { kind, lowercase } = options;
    this.#normalizer =
      kind === 'wordpiece' ? bertNormalizer(lowercase) : lowercase ? { type: 'Lowercase' } : null;
    this.#preTokenizer =
      kind === 'wordpiece'
        ? { type: 'BertPreTokenizer' }
        : { type: 'ByteLevel', add_prefix_space: true, use_regex: true };
    this.#words = new WordCounts(this.#normalizer, this.#preTokenizer);
  }

  add(text: string): void {
    this.#words.add(text);
  }

  /**
   * The same for the same texts in any order, as long as no words were forgotten.
   *
   * @returns the content of a `tokenizer.json`
   * @throws DATA_EMPTY when no text had a word
   */
  finish(): string {
    const words = this.#words.sorted();
    if (words.length === 0)
      throw new AssayError(
        'DATA_EMPTY',
        'The training split has no word to learn a vocabulary from. Fix: check preprocess.text.fields, or use hashed-ngrams.',
      );
    const learnt =
      this.options.kind === 'bpe'
        ? learnBytePairs(words, this.options)
        : learnWordPieces(words, this.options);
    return `${JSON.stringify(this.#file(learnt))}\n`;
  }

  #file({ tokens, merges }: LearntMerges): object {
    const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
    const isBpe = this.options.kind === 'bpe';
    return {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: SPECIAL_TOKENS.map(specialToken),
      normalizer: this.#normalizer,
      pre_tokenizer: isBpe ? { ...this.#preTokenizer, trim_offsets: true } : this.#preTokenizer,
      post_processor: TEMPLATE,
      decoder: isBpe ? BYTE_LEVEL_DECODER : { type: 'WordPiece', prefix: CONTINUING, cleanup: true },
      model: isBpe
        ? { ...BPE_MODEL, vocab, merges: merges.map((pair) => pair.map((id) => tokens[id])) }
        : { ...WORDPIECE_MODEL, vocab },
    };
  }
}

const bertNormalizer = (lowercase: boolean): NormalizerConfig => ({
  type: 'BertNormalizer',
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: false, // which would take vowels out of Hindi or Thai
  lowercase,
});

const specialToken = (content: string, id: number): object => ({
  ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
});

const templateToken = (id: string): object => ({ SpecialToken: { id, type_id: 0 } });
const TEMPLATE = {
  type: 'TemplateProcessing',
  single: [templateToken('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, templateToken('[SEP]')],
  pair: [
    ...[templateToken('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, templateToken('[SEP]')],
    ...[{ Sequence: { id: 'B', type_id: 0 } }, templateToken('[SEP]')],
  ],
  special_tokens: {
    '[CLS]': { id: '[CLS]', ids: [CLS], tokens: ['[CLS]'] },
    '[SEP]': { id: '[SEP]', ids: [SEP], tokens: ['[SEP]'] },
  },
};
const BYTE_LEVEL_DECODER = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
const BPE_MODEL = {
  ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null },
  ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false },
};
const WORDPIECE_MODEL = {
  ...{
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: CONTINUING,
    max_input_chars_per_word: 100,
  },
};

type CountedStrings = readonly (readonly [word: string, count: number])[];

/** Byte-level BPE: every byte is a token, so there are no unknown characters. */
function learnBytePairs(
  words: CountedStrings,
  { vocabularySize, minFrequency }: TrainingOptions,
): LearntMerges {
  const alphabet = [...SPECIAL_TOKENS, ...[...BYTE_CHARACTERS].sort()];
  const ids = new Map(alphabet.map((token, id) => [token, id]));
  const counted = words.map(([word, count]): CountedWord => ({
    tokens: Array.from(word, (character) => ids.get(character) ?? 0),
    count,
  }));
  return learnMerges(counted, {
    ...{ alphabet, maxTokens: vocabularySize, minCount: minFrequency },
    join: (left, right) => left + right,
  });
}

/**
 * WordPiece: characters at the start of a word, the same further on with `##` before, and merges of both. Of characters
 * the most frequent ones are kept, a quarter of the vocabulary; a word with another one is unknown.
 */
function learnWordPieces(
  words: CountedStrings,
  { vocabularySize, minFrequency }: TrainingOptions,
): LearntMerges {
  const kept = new Set(frequentCharacters(words, Math.floor(vocabularySize * ALPHABET_PART)));
  const further = new Set(
    words.flatMap(([word]) => [...word].slice(1).filter((character) => kept.has(character))),
  );
  const starts = [...SPECIAL_TOKENS, ...kept];
  const alphabet = [...starts, ...[...kept].filter((c) => further.has(c)).map((c) => CONTINUING + c)];
  const ids = new Map(alphabet.map((token, id) => [token, id]));
  const counted = words.map(([word, count]): CountedWord => ({
    tokens: [...word].flatMap((c, at) => (kept.has(c) ? [ids.get(at === 0 ? c : CONTINUING + c) ?? 0] : [])),
    count,
  }));
  const { tokens } = learnMerges(counted, {
    ...{ alphabet, maxTokens: vocabularySize, minCount: minFrequency },
    join: (left, right) => left + right.slice(CONTINUING.length),
  });
  return { tokens, merges: [] };
}

/** In the order of their code points. */
function frequentCharacters(words: CountedStrings, most: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) for (const c of word) counts.set(c, (counts.get(c) ?? 0) + count);
  const codePoint = (character: string): number => character.codePointAt(0) ?? 0;
  const byCount = [...counts].sort(
    ([a, countA], [b, countB]) => countB - countA || codePoint(a) - codePoint(b),
  );
  return byCount
    .slice(0, most)
    .map(([character]) => character)
    .sort((a, b) => codePoint(a) - codePoint(b));
}
