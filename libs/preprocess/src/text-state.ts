import { z } from 'zod';
import { CHANGES, VIEWS } from './text-fields.js';

const ngramRange = z.tuple([z.int().min(1), z.int().min(1)]);

const anyText = {
  fields: z.array(z.string()).min(1),
  view: z.enum(VIEWS),
  changes: z.array(z.enum(CHANGES)),
  maxTokens: z.int().min(1),
};

const tokenizerText = {
  ...anyText,
  /** The text of a `tokenizer.json`: of what was trained here, or of the file that the config names. */
  tokenizerJson: z.string(),
  specialTokens: z.boolean(),
  specialTokensInText: z.boolean(),
  padToken: z.string().nullable(),
};

/** What a text encoder depends on. */
export const textStateSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hashed-ngrams'),
    ...anyText,
    hash: z.literal('fnv1a-32'),
    wordNgrams: ngramRange,
    charNgrams: ngramRange.nullable(),
    buckets: z.int().min(2),
  }),
  z.strictObject({ kind: z.enum(['bpe', 'wordpiece', 'tokenizer-json']), ...tokenizerText }),
]);

export type TextState = z.infer<typeof textStateSchema>;
export type HashedNgramState = Extract<TextState, { kind: 'hashed-ngrams' }>;
export type TokenizerState = Exclude<TextState, HashedNgramState>;
