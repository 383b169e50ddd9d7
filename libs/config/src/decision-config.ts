import { z } from 'zod';

const fraction = z.number().min(0).max(1);
const properFraction = z.number().gt(0).lt(1);
const mlflowName = z.string().regex(/^[^/:"'`\\]+$/, 'must not hold slashes, colons or quotes');

const gateSchema = z.strictObject({
  policy: z.string().describe('Policy or class; `mean` is the unweighted mean over all.'),
  metric: z.enum(['averagePrecision', 'auroc', 'precision', 'recall']),
  atLeast: fraction,
});

export const evaluateSchema = z.strictObject({
  operatingPoint: z
    .strictObject({
      minPrecision: properFraction.default(0.9).describe('Precision that the act threshold must hold.'),
      confidence: properFraction
        .default(0.95)
        .describe('Confidence with which it must hold it, on the calibration split.'),
      reviewRecall: fraction
        .default(0.9)
        .describe('Share of violations that act and review together should catch.'),
    })
    .prefault({}),
  gates: z
    .array(gateSchema)
    .default([])
    .describe('All must hold on the test split before a model may be promoted.'),
});

export const publishSchema = z.strictObject({
  experiment: mlflowName.optional().describe('MLflow experiment; default: the name of the pipeline.'),
  registeredModel: mlflowName.optional().describe('Default: the name of the pipeline.'),
  policyVersions: z
    .record(z.string(), z.string())
    .default({})
    .describe('Version of each policy text; default `1`.'),
  licence: z.string().default('proprietary'),
  intendedUse: z.string().default('Help reviewers of a marketplace find content that breaks a policy.'),
});

export const serveSchema = z.strictObject({
  maxBodyBytes: z
    .int()
    .min(1024)
    .default(20_000_000)
    .describe('Larger requests are refused; `assay serve --max-body-bytes` overrides it.'),
  maxBatch: z
    .int()
    .min(1)
    .max(4096)
    .default(64)
    .describe('Most listings in one call of the model; `assay serve --max-batch` overrides it.'),
});

export type EvaluateConfig = z.infer<typeof evaluateSchema>;
export type PublishConfig = z.infer<typeof publishSchema>;
export type ServeConfig = z.infer<typeof serveSchema>;
