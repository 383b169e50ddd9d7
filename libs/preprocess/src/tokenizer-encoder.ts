import { AssayError } from '@assay/core';
import type { TextEncoder } from './text-encoder.js';
import type { TokenizerState } from './text-state.js';
import { joinFields } from './tokenizers/join-fields.js';
import { LoadedTokenizer } from './tokenizers/loaded-tokenizer.js';
import { parseTokenizerFile } from './tokenizers/tokenizer-file.js';

/**
 * Tokens of a `tokenizer.json`, the fields one after the other, each with the special tokens of the model around it.
 *
 * @throws CONFIG_INVALID when the file cannot be used, or `maxTokens` leaves no room for a token of each field
 */
export function tokenizerEncoder(state: TokenizerState): TextEncoder {
  const { tokenizerJson, specialTokensInText, padToken, maxTokens, fields } = state;
  const file = parseTokenizerFile(tokenizerJson, `the tokeniser of preprocess.text`);
  const tokenizer = new LoadedTokenizer(file, { specialTokensInText, padToken: padToken ?? undefined });
  const special = state.specialTokens ? tokenizer.special : { before: [], after: [] };
  const least = special.before.length + fields.length * (special.after.length + 1);
  if (maxTokens < least)
    throw new AssayError(
      'CONFIG_INVALID',
      `preprocess.text.maxTokens is ${maxTokens}; a token of each of ${fields.length} fields and the special tokens need ${least}. Fix: raise it.`,
      { details: { maxTokens, least } },
    );
  return {
    vocabularySize: tokenizer.vocabularySize,
    padId: tokenizer.padId,
    encode: (texts) =>
      joinFields(
        texts.map((text) => tokenizer.encode(text)),
        special,
        maxTokens,
      ),
  };
}
