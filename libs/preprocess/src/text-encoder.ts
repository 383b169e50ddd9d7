import { hashedNgramEncoder } from './hashed-ngram-encoder.js';
import type { TextState } from './text-state.js';
import { tokenizerEncoder } from './tokenizer-encoder.js';

/** Makes tokens of the text of a record. */
export interface TextEncoder {
  /** Number of token ids: every id is in [0, vocabularySize). */
  readonly vocabularySize: number;
  /** Id that fills up short texts. */
  readonly padId: number;
  /**
   * @param texts the view of each field
   * @returns ids, at most `maxTokens`
   */
  encode(texts: readonly string[]): number[];
}

/** @throws CONFIG_INVALID when the tokeniser of the state cannot be used */
export function createTextEncoder(state: TextState): TextEncoder {
  return state.kind === 'hashed-ngrams' ? hashedNgramEncoder(state) : tokenizerEncoder(state);
}
