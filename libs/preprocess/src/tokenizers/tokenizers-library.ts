import * as library from '@huggingface/tokenizers';

/** A step of the library that turns a text into another. */
export interface LibraryNormalizer {
  normalize(text: string): string;
}

/** A step of the library that cuts texts into words. */
export interface LibraryPreTokenizer {
  pre_tokenize(text: string | string[]): string[];
}

/** One step after the other. */
export interface LibrarySequence extends LibraryPreTokenizer {
  tokenizers: LibraryPreTokenizer[];
}

export interface LibraryModel {
  _call(words: string[]): string[];
}

export interface LibraryTokenizer {
  normalizer: LibraryNormalizer | null;
  pre_tokenizer: LibraryPreTokenizer | null;
  model: LibraryModel;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
}

interface SplitConfig {
  pattern: { Regex: string } | { String: string };
  behavior: 'Removed' | 'Isolated';
  invert: boolean;
}

interface Library {
  Tokenizer: new (file: object, config: object) => LibraryTokenizer;
  LowercaseNormalizer: new (config: { type: 'Lowercase' }) => LibraryNormalizer;
  ReplaceNormalizer: new (config: object) => LibraryNormalizer;
  SplitPreTokenizer: new (config: SplitConfig) => LibraryPreTokenizer;
  SequencePreTokenizer: new (config: { pretokenizers: [] }) => LibrarySequence;
  BPE: new (config: object) => LibraryModel;
}

// the library's own types import each other without extensions, which TypeScript does not follow here
export const {
  Tokenizer,
  LowercaseNormalizer,
  ReplaceNormalizer,
  SplitPreTokenizer,
  SequencePreTokenizer,
  BPE,
} = library as unknown as Library;
