import { toByteCharacters } from './byte-level.js';
import type { PreTokenizerConfig } from './tokenizer-file.js';
import { SequencePreTokenizer, SplitPreTokenizer, type LibraryPreTokenizer } from './tokenizers-library.js';
import { PUNCTUATION } from './older-unicode.js';

/** What Rust's regular expressions call a character of a word. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d`;
/** @see https://github.com/openai/gpt-2/blob/master/src/encoder.py */
const GPT2_WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/**
 * The pre-tokeniser of a `tokenizer.json`, which cuts a text into words. Those of the npm package take other characters for
 * letters, digits and spaces than Python's `tokenizers`; its `Split` does not, since it translates the expression. So all
 * others are spelled out as splits.
 */
export function createPreTokenizer(config: PreTokenizerConfig): LibraryPreTokenizer {
  const sequence = new SequencePreTokenizer({ pretokenizers: [] });
  sequence.tokenizers = stepsOf(config);
  return sequence;
}

function stepsOf(config: PreTokenizerConfig): LibraryPreTokenizer[] {
  switch (config.type) {
    case 'Sequence':
      return config.pretokenizers.flatMap(stepsOf);
    case 'BertPreTokenizer':
      return [split(String.raw`\s+`, 'Removed'), split(PUNCTUATION, 'Isolated')];
    case 'Whitespace':
      return [split(`[${WORD}]+|[^${WORD}\\s]+`, 'Removed', true)];
    case 'WhitespaceSplit':
      return [split(String.raw`\s+`, 'Removed')];
    case 'Digits':
      return [split(config.individual_digits ? String.raw`\p{N}` : String.raw`\p{N}+`, 'Isolated')];
    case 'Punctuation':
      return config.behavior === 'Contiguous'
        ? [split(`${PUNCTUATION}+`, 'Isolated')]
        : [split(PUNCTUATION, config.behavior)];
    case 'Split':
      return [new SplitPreTokenizer(config)];
    case 'ByteLevel':
      return byteLevelSteps(config);
  }
}

function byteLevelSteps(config: { add_prefix_space: boolean; use_regex: boolean }): LibraryPreTokenizer[] {
  return [
    ...(config.add_prefix_space ? [prefixSpace] : []),
    ...(config.use_regex ? [split(GPT2_WORDS, 'Isolated')] : []),
    byteLevel,
  ];
}

const byteLevel: LibraryPreTokenizer = {
  pre_tokenize: (texts) => [texts].flat().map(toByteCharacters),
};

const prefixSpace: LibraryPreTokenizer = {
  pre_tokenize: (texts) => [texts].flat().map((text) => (text.startsWith(' ') ? text : ` ${text}`)),
};

const split = (expression: string, behavior: 'Removed' | 'Isolated', invert = false): LibraryPreTokenizer =>
  new SplitPreTokenizer({ pattern: { Regex: expression }, behavior, invert });
