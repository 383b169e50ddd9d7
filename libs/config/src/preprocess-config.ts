import { z } from 'zod';
import { isDistinct } from './columns-config.js';

const ngramRange = z
  .tuple([z.int().min(1).max(10), z.int().min(1).max(10)])
  .refine(([low, high]) => low <= high, 'must be [low, high] with low ≤ high');

const viewSchema = z
  .enum(['raw', 'normalized', 'folded'])
  .describe(
    'raw: as it came; normalized: NFKC without invisible characters; folded: small letters, with disguises of words undone.',
  );

/** What every kind of text encoder is told. */
const anyText = {
  fields: z
    .array(z.string())
    .min(1)
    .refine(isDistinct, 'a field is named twice')
    .describe('Text fields in this order; each keeps its share of the tokens.'),
  changes: z
    .boolean()
    .default(false)
    .describe('Adds a number for each kind of change that normalising made: 1 when it did.'),
  maxTokens: z.int().min(1).max(8192).describe('Longer texts are cut to this number of tokens.'),
};

const hashedNgrams = z.strictObject({
  kind: z.literal('hashed-ngrams').default('hashed-ngrams'),
  ...anyText,
  view: viewSchema.default('normalized'),
  wordNgrams: ngramRange.default([1, 2]),
  charNgrams: ngramRange.nullable().default([3, 5]).describe('null: no character n-grams.'),
  buckets: z
    .int()
    .min(2)
    .max(2 ** 24)
    .default(2 ** 15)
    .describe('Size of the hash table; 0 is padding.'),
  maxTokens: anyText.maxTokens.default(512),
});

/** Of a vocabulary that the training split is read for. */
const trainedVocabulary = {
  ...anyText,
  view: viewSchema.default('normalized'),
  vocabularySize: z
    .int()
    .min(300)
    .max(2 ** 17)
    .default(2 ** 13)
    .describe('Most tokens, special ones among them.'),
  minFrequency: z.int().min(1).default(2).describe('A token that is put together must occur as often.'),
  lowercase: z.boolean().default(true).describe('The tokeniser reads capitals as small letters.'),
  specialTokens: z.boolean().default(true).describe('[CLS] before the first field and [SEP] after each one.'),
  maxTokens: anyText.maxTokens.default(256),
};

const bpe = z.strictObject({ kind: z.literal('bpe'), ...trainedVocabulary });
const wordpiece = z.strictObject({ kind: z.literal('wordpiece'), ...trainedVocabulary });

const tokenizerJson = z.strictObject({
  kind: z.literal('tokenizer-json'),
  ...anyText,
  view: viewSchema.default('raw'),
  file: z.string().min(1).describe('tokenizer.json of a pretrained model, relative to data.root.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the file, as 64 hex digits')
    .describe('SHA-256 of the file: the config names one tokeniser for good.'),
  specialTokens: z
    .boolean()
    .default(true)
    .describe("The file's special tokens: before the first field and after each one."),
  specialTokensInText: z
    .boolean()
    .default(false)
    .describe('Reads [SEP] in a text as the special token, as Python does; false: as its characters.'),
  padToken: z
    .string()
    .optional()
    .describe("Token that fills up. Left out: the file's own padding, else [PAD], <pad>, or the id 0."),
  maxTokens: anyText.maxTokens.default(256),
});

const imageSchema = z
  .strictObject({
    height: z.int().min(8).max(512).default(64).describe('Pixels.'),
    width: z.int().min(8).max(512).default(64).describe('Pixels.'),
    maxImages: z.int().min(1).max(8).default(1).describe('Further images of a record are not looked at.'),
    resize: z
      .discriminatedUnion('fit', [
        z.strictObject({ fit: z.literal('stretch') }),
        z.strictObject({
          fit: z.literal('cover'),
          shortestEdge: z
            .int()
            .min(8)
            .max(1024)
            .optional()
            .describe('Pixels of the shorter side before the cut. Left out: as few as cover the size.'),
          crop: z
            .enum(['transformers', 'torchvision'])
            .default('torchvision')
            .describe('Whose centre, where an odd number of pixels is cut off.'),
        }),
        z.strictObject({
          fit: z.literal('contain'),
          background: z
            .tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)])
            .default([255, 255, 255])
            .describe('Red, green and blue of the borders.'),
        }),
      ])
      .prefault({ fit: 'stretch' })
      .describe(
        'stretch both sides, cover the size and cut the rest off at the centre, or contain all within borders.',
      ),
    filter: z
      .enum(['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'])
      .default('lanczos')
      .describe("Filter of Pillow's resampler."),
    shrinkOnLoad: z
      .boolean()
      .default(false)
      .describe(
        'Decodes a JPEG that is at least three times as large at a part of its size: several times as fast for photos of a camera, but not with the pixels that Pillow gives.',
      ),
  })
  .refine(
    ({ height, width, resize }) =>
      resize.fit !== 'cover' ||
      resize.shortestEdge === undefined ||
      resize.shortestEdge >= Math.max(height, width),
    { path: ['resize', 'shortestEdge'], message: 'must be at least height and width' },
  );

const scalingSchema = z
  .enum(['standard', 'log-standard', 'quantile'])
  .describe('log-standard: sign(x)·log(1 + |x|) first. quantile: by rank in the training split.');

/** How a record becomes model input. */
export const preprocessSchema = z.strictObject({
  text: z.discriminatedUnion('kind', [hashedNgrams, bpe, wordpiece, tokenizerJson]).optional(),
  image: imageSchema.optional(),
  numeric: z
    .strictObject({
      scaling: scalingSchema.default('standard'),
      columns: z
        .record(z.string(), scalingSchema)
        .default({})
        .describe('Columns that are scaled in another way.'),
      quantiles: z.int().min(2).max(1000).default(1000).describe('Most quantiles that are kept of a column.'),
      output: z
        .enum(['uniform', 'normal'])
        .default('normal')
        .describe('Distribution that quantile scaling gives.'),
    })
    .prefault({}),
  categorical: z
    .strictObject({
      minCount: z
        .int()
        .min(1)
        .default(2)
        .describe('A rarer value counts as unknown, so that the model learns what unknown means.'),
      maxSize: z
        .int()
        .min(1)
        .max(2 ** 20)
        .default(10_000)
        .describe('Most values of a column, the most frequent ones.'),
    })
    .prefault({}),
});

export type PreprocessConfig = z.infer<typeof preprocessSchema>;
