import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError, systemCodeOf } from '@assay/core';
import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** `labels.json`: what the axis K of the logits means. */
export const labelsSchema = z.looseObject({
  kind: z.enum(['multi-label', 'multi-class']),
  names: z.array(z.string().min(1)).min(1),
});

/** `evaluation/verdict.json`: whether the gates let this very model be promoted. */
export const verdictSchema = z.looseObject({
  verdict: z.enum(['pass', 'fail']),
  leaky: z.boolean(),
  reasons: z.array(z.string()).default([]),
});

/** `record-schema.json`: which fields a record may have, and how large the ids of its encoded form may be. */
export const recordSchemaSchema = z.strictObject({
  schemaVersion: z.literal(1),
  text: z.array(z.string()),
  numeric: z.array(z.string()),
  categorical: z.array(z.string()),
  /** Most images of a record that the model looks at; 0: none. */
  maxImages: z.int().min(0),
  /** For each integer input, one exclusive upper limit for all ids, or one per position of the last axis. */
  idLimits: z.record(z.string(), z.array(z.int().min(1)).min(1)),
});

/** `environment.json` of a training: under what it ran. */
export const environmentSchema = z.strictObject({
  git: z.strictObject({ commit: z.string().nullable(), dirty: z.boolean().nullable() }),
  packageLockSha256: digest.nullable(),
  nodeVersion: z.string(),
  hardware: z.strictObject({
    /** Name of the processor or GPU that the engine computed on. */
    device: z.string().nullable(),
    platform: z.string(),
    cpu: z.string(),
    cores: z.int(),
    memoryBytes: z.int(),
  }),
});

/** `lineage.json`: where the model comes from, enough to make it again. */
export const lineageSchema = z.strictObject({
  schemaVersion: z.literal(1),
  pipeline: z.string(),
  config: z.record(z.string(), z.unknown()),
  seed: z.int(),
  engine: z.string().nullable(),
  /** Digest of the manifest of each stage, and its key. */
  stages: z.record(z.string(), z.strictObject({ digest, key: digest })),
  ...environmentSchema.shape,
});

export type Labels = z.infer<typeof labelsSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type RecordSchema = z.infer<typeof recordSchemaSchema>;
export type Lineage = z.infer<typeof lineageSchema>;

/**
 * Reads and parses one JSON file of a bundle.
 *
 * @throws BUNDLE_CORRUPT when it is missing, no JSON, or does not follow the schema
 */
export function readBundleJson<T>(dir: string, file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(join(dir, file), 'utf8')));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError || systemCodeOf(error) === 'ENOENT'))
      throw error;
    const what = error instanceof z.ZodError ? `: ${z.prettifyError(error)}` : ' or is missing';
    throw new AssayError(
      'BUNDLE_CORRUPT',
      `${file} of the bundle ${dir} does not follow its schema${what}. Fix: publish the model again with this version of assay.`,
      { cause: error, details: { dir, file } },
    );
  }
}
