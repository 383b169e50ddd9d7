import { AssayError } from '@assay/core';
import { z } from 'zod';

const ngramRange = z.tuple([z.int().min(1), z.int().min(1)]);
const finite = z.number();

/**
 * What the preprocessor gave for the made-up records of `probe-records.ts` when it was fitted, by input. An input that it
 * does not make has no entries.
 */
export const probeSchema = z.strictObject({
  /** Of the made-up records. */
  version: z.literal(1),
  /** Digest of the tokens of each record. */
  token_BL: z.array(z.string()),
  /** Pixels of each photo at the points of a grid, uint8 RGB in base64. */
  image_BIHWC: z.array(z.base64()),
  numeric_BF: z.array(z.array(finite)),
  category_BC: z.array(z.array(z.int())),
  present_BM: z.array(z.array(z.int())),
});

export type Probe = z.infer<typeof probeSchema>;

/** `preprocessor.json`: everything that `encode` depends on. */
export const preprocessorStateSchema = z.strictObject({
  kind: z.literal('assay-preprocessor'),
  schemaVersion: z.literal(2),
  text: z
    .strictObject({
      kind: z.literal('hashed-ngrams'),
      hash: z.literal('fnv1a-32'),
      fields: z.array(z.string()).min(1),
      wordNgrams: ngramRange,
      charNgrams: ngramRange.nullable(),
      buckets: z.int().min(2),
      maxTokens: z.int().min(1),
    })
    .nullable(),
  image: z
    .strictObject({
      height: z.int().min(1),
      width: z.int().min(1),
      maxImages: z.int().min(1),
      maxImagePixels: z.int().min(1),
      kernel: z.literal('lanczos3'),
    })
    .nullable(),
  numeric: z.strictObject({
    scaling: z.enum(['standard', 'log-standard']),
    columns: z.array(
      z.strictObject({
        name: z.string(),
        mean: finite,
        std: z.number().positive(),
        min: finite,
        max: finite,
      }),
    ),
  }),
  categorical: z.strictObject({
    columns: z.array(
      z.strictObject({
        name: z.string(),
        values: z.array(z.string()).refine(isSorted, 'must be sorted and distinct'),
      }),
    ),
  }),
  probe: probeSchema,
});

export type PreprocessorState = z.infer<typeof preprocessorStateSchema>;
/** What was fitted, before it has encoded its probe. */
export type FittedState = Omit<PreprocessorState, 'probe'>;

/**
 * Parses the content of a `preprocessor.json`.
 *
 * @throws FILE_CORRUPT naming the first thing that is wrong
 */
export function parsePreprocessorState(value: unknown): PreprocessorState {
  const parsed = preprocessorStateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AssayError(
    'FILE_CORRUPT',
    `This is not a preprocessor of schema version 2: ${issue?.path.join('.') || '(top level)'}: ${issue?.message ?? ''}. Fix: run prepare again.`,
    { cause: parsed.error },
  );
}

function isSorted(values: readonly string[]): boolean {
  return values.every((value, i) => i === 0 || (values[i - 1] ?? '') < value);
}
