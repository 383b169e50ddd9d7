import { AssayError } from '@assay/core';
import { z } from 'zod';
import { RESAMPLE_FILTERS } from './images/resample-filter.js';
import { textStateSchema } from './text-state.js';

export const SCHEMA_VERSION = 3;

const finite = z.number();
const level = z.int().min(0).max(255);

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

const imageSchema = z.strictObject({
  height: z.int().min(1),
  width: z.int().min(1),
  maxImages: z.int().min(1),
  maxImagePixels: z.int().min(1),
  filter: z.enum(RESAMPLE_FILTERS),
  shrinkOnLoad: z.boolean(),
  resize: z.discriminatedUnion('fit', [
    z.strictObject({ fit: z.literal('stretch') }),
    z.strictObject({
      fit: z.literal('cover'),
      shortestEdge: z.int().min(1).optional(),
      crop: z.enum(['transformers', 'torchvision']),
    }),
    z.strictObject({ fit: z.literal('contain'), background: z.tuple([level, level, level]) }),
  ]),
});

const numericColumnSchema = z.discriminatedUnion('scaling', [
  z.strictObject({
    name: z.string(),
    scaling: z.enum(['standard', 'log-standard']),
    mean: finite,
    std: z.number().positive(),
    min: finite,
    max: finite,
  }),
  z.strictObject({
    name: z.string(),
    scaling: z.literal('quantile'),
    output: z.enum(['uniform', 'normal']),
    quantiles: z.array(finite).refine(isAscending, 'must not descend'),
  }),
]);

/** `preprocessor.json`: everything that `encode` depends on. */
export const preprocessorStateSchema = z.strictObject({
  kind: z.literal('assay-preprocessor'),
  schemaVersion: z.literal(SCHEMA_VERSION),
  text: textStateSchema.nullable(),
  image: imageSchema.nullable(),
  numeric: z.strictObject({ columns: z.array(numericColumnSchema) }),
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
    `This is not a preprocessor of schema version ${SCHEMA_VERSION}: ${issue?.path.join('.') || '(top level)'}: ${issue?.message ?? ''}. Fix: run prepare again.`,
    { cause: parsed.error },
  );
}

function isSorted(values: readonly string[]): boolean {
  return values.every((value, i) => i === 0 || (values[i - 1] ?? '') < value);
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || (values[i - 1] ?? 0) <= value);
}
