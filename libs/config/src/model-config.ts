import { z } from 'zod';

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

export type ModelConfig = z.infer<typeof modelSchema>;
export type TrainConfig = z.infer<typeof trainSchema>;
