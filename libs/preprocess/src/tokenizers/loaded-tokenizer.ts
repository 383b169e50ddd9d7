import { AssayError } from '@assay/core';
import { BytePairModel } from './byte-pair-model.js';
import { createPreTokenizer } from './pre-tokenizer.js';
import { runNormalizer } from './run-normalizer.js';
import { padIdOf, specialIds, type SpecialIds } from './special-ids.js';
import type { NormalizerConfig, TokenizerFile } from './tokenizer-file.js';
import { LowercaseNormalizer, Tokenizer, type LibraryTokenizer } from './tokenizers-library.js';

export interface TokenizerOptions {
  /** Reads a special token that stands in a text as that token, as Python does; else as its characters. */
  specialTokensInText: boolean;
  padToken?: string | undefined;
}

/** A `tokenizer.json` that gives the ids of Python's `tokenizers`. */
export class LoadedTokenizer {
  /** Greater than every id. */
  readonly vocabularySize: number;
  /** Id that fills up short texts. */
  readonly padId: number;
  /** What the model expects around a text. */
  readonly special: SpecialIds;
  readonly #tokenizer: LibraryTokenizer;
  /** What to read in place of special tokens that a text spells: the unknown token, or nothing. */
  readonly #replacements: ReadonlyMap<number, number[]>;

  /** @throws CONFIG_INVALID when the file has no token `padToken` */
  constructor(file: TokenizerFile, { specialTokensInText, padToken }: TokenizerOptions) {
    const { added_tokens, model } = file;
    const padId = padIdOf(file, padToken);
    if (padId === undefined)
      throw new AssayError(
        'CONFIG_INVALID',
        `The tokeniser has no token '${padToken}'. Fix: set preprocess.text.padToken to one that it has, or leave it out.`,
      );
    this.padId = padId;
    this.special = specialIds(file.post_processor);
    const ids = [...Object.values(model.vocab), ...added_tokens.map(({ id }) => id), padId];
    this.vocabularySize = 1 + ids.reduce((most, id) => Math.max(most, id), 0);
    const special = specialTokensInText ? [] : added_tokens.filter((token) => token.special);
    this.#tokenizer = libraryTokenizer({
      ...file,
      added_tokens: added_tokens.filter((token) => !special.includes(token)),
    });
    const unknown = new Map(Object.entries(model.vocab)).get(model.unk_token ?? '');
    this.#replacements = new Map(
      special
        .filter(({ id }) => id !== unknown)
        .map(({ id }) => [id, unknown === undefined ? [] : [unknown]]),
    );
  }

  /** Ids of the tokens of a text, without any around it. */
  encode(text: string): number[] {
    const { ids } = this.#tokenizer.encode(text, { add_special_tokens: false });
    if (this.#replacements.size === 0) return ids;
    return ids.flatMap((id) => this.#replacements.get(id) ?? [id]);
  }
}

/** The npm package with a normaliser and a pre-tokeniser that read a text as Python does. */
function libraryTokenizer(file: TokenizerFile): LibraryTokenizer {
  const tokenizer = new Tokenizer(
    {
      ...file,
      normalizer: file.normalizer ?? null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
    },
    {},
  );
  if (file.normalizer) tokenizer.normalizer = new PythonNormalizer(file.normalizer);
  if (file.pre_tokenizer) tokenizer.pre_tokenizer = createPreTokenizer(file.pre_tokenizer);
  if (file.model.type === 'BPE') tokenizer.model = new BytePairModel(file.model);
  return tokenizer;
}

/** Called by the library in place of its own. */
class PythonNormalizer extends LowercaseNormalizer {
  constructor(private readonly steps: NormalizerConfig) {
    super({ type: 'Lowercase' });
  }

  override normalize(text: string): string {
    return runNormalizer(this.steps, text);
  }
}
