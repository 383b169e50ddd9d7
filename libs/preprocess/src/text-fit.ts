import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PreprocessConfig } from '@assay/config';
import { AssayError, sha256OfBytes, systemCodeOf } from '@assay/core';
import { CHANGES, readTextFields } from './text-fields.js';
import type { TextState } from './text-state.js';
import { tokenizerEncoder } from './tokenizer-encoder.js';
import { TokenizerTrainer } from './tokenizers/train-tokenizer.js';

type TextConfig = NonNullable<PreprocessConfig['text']>;
type TokenizerJsonConfig = Extract<TextConfig, { kind: 'tokenizer-json' }>;

/** Collects what a text encoder learns from the training split. */
export interface TextFit {
  add(text: Readonly<Record<string, string>>): void;
  finish(): TextState;
}

/**
 * @param dataRoot folder that `preprocess.text.file` is relative to
 * @throws FILE_NOT_FOUND, FILE_CORRUPT or CONFIG_INVALID when that file is missing, another one, or cannot be used
 */
export async function createTextFit(config: TextConfig, dataRoot: string): Promise<TextFit> {
  const changes = config.changes ? CHANGES : [];
  switch (config.kind) {
    case 'hashed-ngrams':
      return learnsNothing({ ...config, changes, hash: 'fnv1a-32' });
    case 'tokenizer-json':
      return learnsNothing(await pretrained(config, changes, dataRoot));
    case 'bpe':
    case 'wordpiece':
      return trained(config, changes);
  }
}

const learnsNothing = (state: TextState): TextFit => ({ add: () => undefined, finish: () => state });

function trained(
  config: Extract<TextConfig, { kind: 'bpe' | 'wordpiece' }>,
  changes: typeof CHANGES,
): TextFit {
  const { kind, fields, view, maxTokens, specialTokens } = config;
  const trainer = new TokenizerTrainer(config);
  return {
    add(text) {
      for (const seen of readTextFields(text, { fields, view, changes: [] }).texts) trainer.add(seen);
    },
    finish: () =>
      usable({
        ...{ kind, fields, view, changes, maxTokens, specialTokens },
        ...{ specialTokensInText: false, padToken: null, tokenizerJson: trainer.finish() },
      }),
  };
}

async function pretrained(
  config: TokenizerJsonConfig,
  changes: typeof CHANGES,
  dataRoot: string,
): Promise<TextState> {
  const { kind, fields, view, maxTokens, specialTokens, specialTokensInText, padToken = null } = config;
  const tokenizerJson = await readTokenizer(config, dataRoot);
  return usable({
    ...{ kind, fields, view, changes, maxTokens, specialTokens },
    ...{ specialTokensInText, padToken, tokenizerJson },
  });
}

/** @throws CONFIG_INVALID when no encoder can be made of it */
function usable<T extends Parameters<typeof tokenizerEncoder>[0]>(state: T): T {
  tokenizerEncoder(state);
  return state;
}

async function readTokenizer({ file, sha256 }: TokenizerJsonConfig, dataRoot: string): Promise<string> {
  const path = resolve(dataRoot, file);
  const bytes = await readFile(path).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    throw new AssayError(
      'FILE_NOT_FOUND',
      `${path} does not exist. Fix: put the tokenizer.json of the model there, or correct preprocess.text.file.`,
      { cause: error },
    );
  });
  const actual = sha256OfBytes(bytes);
  if (actual !== sha256)
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} has the SHA-256 ${actual}; preprocess.text.sha256 says ${sha256}. Fix: restore the file, or change the config if this is the tokeniser that you mean.`,
      { details: { path, actual, expected: sha256 } },
    );
  return bytes.toString('utf8');
}
