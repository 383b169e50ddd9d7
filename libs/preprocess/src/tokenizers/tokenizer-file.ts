import { AssayError } from '@assay/core';
import { z } from 'zod';

const pattern = z.union([z.object({ String: z.string() }), z.object({ Regex: z.string() })]);
export type Pattern = z.infer<typeof pattern>;

const bertNormalizer = z.object({
  type: z.literal('BertNormalizer'),
  clean_text: z.boolean().default(true),
  handle_chinese_chars: z.boolean().default(true),
  strip_accents: z.boolean().nullish(),
  lowercase: z.boolean().default(true),
});
export type BertNormalizerConfig = z.infer<typeof bertNormalizer>;

const normalizer = z.discriminatedUnion('type', [
  bertNormalizer,
  z.object({ type: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents']) }),
  z.object({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() }),
  z.object({ type: z.literal('Replace'), pattern, content: z.string() }),
  z.object({ type: z.literal('Prepend'), prepend: z.string() }),
  z.object({
    type: z.literal('Sequence'),
    get normalizers() {
      return z.array(normalizer);
    },
  }),
]);
export type NormalizerConfig = z.infer<typeof normalizer>;

const preTokenizer = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit']) }),
  z.object({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.boolean().default(true),
    use_regex: z.boolean().default(true),
  }),
  z.object({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) }),
  z.object({
    type: z.literal('Punctuation'),
    behavior: z.enum(['Removed', 'Isolated', 'Contiguous']).default('Isolated'),
  }),
  z.object({
    type: z.literal('Split'),
    pattern,
    behavior: z.enum(['Removed', 'Isolated']),
    invert: z.boolean(),
  }),
  z.object({
    type: z.literal('Sequence'),
    get pretokenizers() {
      return z.array(preTokenizer);
    },
  }),
]);
export type PreTokenizerConfig = z.infer<typeof preTokenizer>;

const vocabulary = z.record(z.string(), z.int().min(0));
const specialToken = z.tuple([z.string(), z.int()]);
const piece = z.union([
  z.object({ SpecialToken: z.object({ id: z.string() }) }),
  z.object({ Sequence: z.object({ id: z.enum(['A', 'B']) }) }),
]);

const postProcessor = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ByteLevel') }),
  z.object({ type: z.enum(['BertProcessing', 'RobertaProcessing']), sep: specialToken, cls: specialToken }),
  z.object({
    type: z.literal('TemplateProcessing'),
    single: z.array(piece),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int().min(0)) })),
  }),
  z.object({
    type: z.literal('Sequence'),
    get processors() {
      return z.array(postProcessor);
    },
  }),
]);
export type PostProcessorConfig = z.infer<typeof postProcessor>;

const addedToken = z.object({
  id: z.int().min(0),
  content: z.string().min(1),
  single_word: z.literal(false).default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(false),
  special: z.boolean(),
});

/** The parts of a `tokenizer.json` that say which ids a text gets. What could give other ids than in Python is refused. */
const tokenizerFileSchema = z.object({
  added_tokens: z.array(addedToken).default([]),
  normalizer: normalizer.nullish(),
  pre_tokenizer: preTokenizer.nullish(),
  post_processor: postProcessor.nullish(),
  padding: z.object({ pad_id: z.int().min(0) }).nullish(),
  model: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('WordPiece'),
      vocab: vocabulary,
      unk_token: z.string(),
      continuing_subword_prefix: z.string().default('##'),
      max_input_chars_per_word: z.int().min(1).default(100),
    }),
    z.object({
      type: z.literal('BPE'),
      vocab: vocabulary,
      merges: z.union([z.array(z.string()), z.array(z.tuple([z.string(), z.string()]))]),
      dropout: z.null().optional(),
      unk_token: z.string().nullish(),
      continuing_subword_prefix: z.literal('').nullish(),
      end_of_word_suffix: z.string().nullish(),
      fuse_unk: z.boolean().default(false),
      byte_fallback: z.boolean().default(false),
      ignore_merges: z.boolean().default(false),
    }),
  ]),
});
export type TokenizerFile = z.infer<typeof tokenizerFileSchema>;

/**
 * Parses the text of a `tokenizer.json`.
 *
 * @param name of the file, for messages
 * @throws CONFIG_INVALID when it is none, or has a part whose ids might differ from those in Python
 */
export function parseTokenizerFile(text: string, name: string): TokenizerFile {
  const parsed = tokenizerFileSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AssayError(
    'CONFIG_INVALID',
    `${name} is no tokenizer.json that is read here as in Python: ${issue?.path.join('.') || '(top level)'}: ${issue?.message ?? ''}. Fix: name the file of a fast tokeniser with a WordPiece or BPE model, as save_pretrained writes it.`,
    { cause: parsed.error, details: { name } },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // refused by the schema
  }
}
