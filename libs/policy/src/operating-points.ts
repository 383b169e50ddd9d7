import { AssayError } from '@assay/core';
import { z } from 'zod';

const probability = z.number().min(0).max(1);

const actSchema = z.strictObject({
  /** A calibrated probability of at least this acts. */
  threshold: probability,
  /** Precision on the calibration split, and the bound that it holds with the confidence. */
  precision: probability,
  minPrecision: probability,
  confidence: probability,
  /** Share of the violations of the calibration split that it acts on. */
  recall: probability,
  /** Calibration records at or above the threshold, and how many of them are violations. */
  predicted: z.int().min(1),
  correct: z.int().min(0),
});

const reviewSchema = z.strictObject({
  threshold: probability,
  /** Share of the violations of the calibration split that act and review together catch. */
  recall: probability,
  /** How many of how many; absent in bundles made before they were counted. */
  caught: z.int().min(0).optional(),
  violations: z.int().min(1).optional(),
});

const calibrationSchema = z.strictObject({
  /** Records of the calibration split, and of how many groups (sellers, events) they are. */
  records: z.int().min(1),
  groups: z.int().min(1),
});

const policyPointSchema = z.strictObject({
  policy: z.string().min(1),
  policyVersion: z.string().min(1),
  /** Logits are divided by this before sigmoid or softmax; > 0. */
  temperature: z.number().positive(),
  act: actSchema.nullable(),
  /** Why there is no threshold to act; null when there is one. */
  noActReason: z.string().nullable(),
  review: reviewSchema.nullable(),
});

const operatingPointsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** `multi-label`: one yes/no question per policy; `multi-class`: exactly one class is right. */
  kind: z.enum(['multi-label', 'multi-class']),
  /** In the order of the axis K of the logits. */
  policies: z.array(policyPointSchema).min(1),
  /** What the thresholds were chosen on. Fewer groups than records: the proofs take as independent what may not be. */
  calibration: calibrationSchema.optional(),
});

/** The thresholds of every policy, as they travel with a model version. */
export type OperatingPoints = z.infer<typeof operatingPointsSchema>;
export type PolicyOperatingPoint = OperatingPoints['policies'][number];

/**
 * Checks the content of `operating-points.json`.
 *
 * @throws FILE_CORRUPT when it does not follow the schema
 */
export function parseOperatingPoints(value: unknown): OperatingPoints {
  const parsed = operatingPointsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AssayError(
    'FILE_CORRUPT',
    `The operating points do not follow their schema:\n${z.prettifyError(parsed.error)}\nFix: evaluate the model again.`,
    { cause: parsed.error },
  );
}
