import { z } from 'zod';

const ngramRange = z
  .tuple([z.int().min(1).max(10), z.int().min(1).max(10)])
  .refine(([low, high]) => low <= high, 'must be [low, high] with low ≤ high');

/** How a record becomes model input. */
export const preprocessSchema = z.strictObject({
  text: z
    .strictObject({
      kind: z.literal('hashed-ngrams').default('hashed-ngrams'),
      fields: z.array(z.string()).min(1).describe('Text fields in this order; each has n-grams of its own.'),
      wordNgrams: ngramRange.default([1, 2]),
      charNgrams: ngramRange.nullable().default([3, 5]).describe('null: no character n-grams.'),
      buckets: z
        .int()
        .min(2)
        .max(2 ** 24)
        .default(2 ** 15)
        .describe('Size of the hash table; 0 is padding.'),
      maxTokens: z
        .int()
        .min(1)
        .max(8192)
        .default(512)
        .describe('Longer texts are cut to this number of n-grams.'),
    })
    .optional(),
  image: z
    .strictObject({
      height: z.int().min(8).max(512).default(64).describe('Pixels.'),
      width: z.int().min(8).max(512).default(64).describe('Pixels.'),
      maxImages: z.int().min(1).max(8).default(1).describe('Further images of a record are not looked at.'),
    })
    .optional(),
  numeric: z
    .strictObject({
      scaling: z
        .enum(['standard', 'log-standard'])
        .default('standard')
        .describe('log-standard: sign(x)·log(1 + |x|) first.'),
    })
    .prefault({}),
});

/** The architecture. A modality is in the model when its section is there. */
export const modelSchema = z.strictObject({
  text: z
    .strictObject({
      encoder: z.literal('embedding-bag').default('embedding-bag'),
      dim: z.int().min(1).default(64),
    })
    .optional(),
  image: z
    .strictObject({
      encoder: z.literal('small-conv').default('small-conv'),
      channels: z
        .array(z.int().min(1))
        .min(1)
        .max(6)
        .default([16, 32, 64])
        .describe('Channels of each stride-2 block.'),
    })
    .optional(),
  tabular: z
    .strictObject({ dim: z.int().min(1).default(32), categoryDim: z.int().min(1).default(8) })
    .optional(),
  fusion: z.literal('concat').default('concat'),
  hiddenDim: z.int().min(1).default(128),
  dropout: z.number().min(0).lt(1).default(0.1),
  modalityDropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Share of records whose one modality is hidden while training.'),
});

export const trainSchema = z.strictObject({
  batchSize: z.int().min(1).default(64),
  maxEpochs: z.int().min(1).default(20),
  lr: z.number().positive().default(1e-3).describe('Peak learning rate.'),
  warmupFraction: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('Share of all steps in which the rate rises; cosine decay after.'),
  weightDecay: z.number().min(0).default(0.01).describe('Decoupled; not on biases.'),
  clipNorm: z.number().positive().default(1).describe('Largest global norm of the gradient.'),
  patience: z.int().min(1).default(4).describe('Epochs without improvement before stopping.'),
  monitor: z
    .enum(['averagePrecision', 'loss'])
    .default('averagePrecision')
    .describe('Validation figure that picks the best epoch.'),
  classWeighting: z.enum(['none', 'balanced']).default('none'),
});

export type PreprocessConfig = z.infer<typeof preprocessSchema>;
export type ModelConfig = z.infer<typeof modelSchema>;
export type TrainConfig = z.infer<typeof trainSchema>;
