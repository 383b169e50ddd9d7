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

const share = z.number().min(0).max(1);
const range = (low: number, high: number) =>
  z
    .tuple([z.number().positive(), z.number().positive()])
    .refine(([least, most]) => least <= most, 'must be [least, most]')
    .default([low, high]);

/** How training images are altered, in this order. */
const augmentSchema = z.strictObject({
  crop: z
    .strictObject({
      scale: range(0.7, 1).describe('Share of the area that is cut out and resized.'),
      ratio: range(0.9, 1.1).describe('Width divided by height of what is cut out.'),
    })
    .nullable()
    .prefault({}),
  flip: share.default(0.5).describe('Probability to mirror.'),
  colorJitter: z
    .strictObject({
      brightness: z.number().min(0).default(0.2),
      contrast: z.number().min(0).default(0.2),
      saturation: z.number().min(0).default(0.2),
    })
    .nullable()
    .prefault({})
    .describe('A factor lies between 1 - x and 1 + x.'),
  randAugment: z
    .strictObject({
      numOperations: z.int().min(1).max(8).default(2),
      magnitude: z.number().min(0).max(30).default(9),
    })
    .nullable()
    .default(null)
    .describe(
      'A few random operations of equal strength: colour, contrast, sharpness, posterize, solarize, equalize.',
    ),
  cutout: z
    .strictObject({
      probability: share.default(0.5),
      size: share.default(0.5).describe('Side of the square, as a share of the shorter side.'),
      fill: z.tuple([z.int(), z.int(), z.int()]).default([127, 127, 127]),
    })
    .nullable()
    .default(null)
    .describe('A square of one colour at a random place.'),
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
  classWeighting: z
    .enum(['none', 'balanced'])
    .default('none')
    .describe('Weights of the classes in the loss.'),
  sampling: z
    .enum(['natural', 'balanced'])
    .default('natural')
    .describe('balanced: every class has the same share of an epoch; natural: each record comes once.'),
  sourceShares: z
    .record(z.string(), z.number().positive())
    .optional()
    .describe('Mixes files of the source: path → share of an epoch; other files are left out.'),
  bucketByLength: z
    .boolean()
    .default(false)
    .describe('Batches of texts of similar length, cut to the longest of each batch.'),
  augment: augmentSchema
    .nullable()
    .prefault({})
    .describe('How training images are altered; null: not at all.'),
});

export type ModelConfig = z.infer<typeof modelSchema>;
export type TrainConfig = z.infer<typeof trainSchema>;
