import { z } from 'zod';
import { columnName, columnsSchema, isDistinct } from './columns-config.js';

/** A gate for the policy `mean` is one for the mean over all. */
const className = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and underscores')
  .refine((name) => name !== 'mean', "'mean' is the mean over all policies or classes");

const policySchema = z.strictObject({
  name: className,
  column: columnName.optional().describe('Column with the label; leave out when there are votes.'),
  votes: z
    .strictObject({ positive: columnName, negative: columnName })
    .optional()
    .describe('Columns with the numbers of raters who said yes and no: the label is the share of yes.'),
  positive: z
    .array(z.string())
    .min(1)
    .default(['1', '1.0', 'true', 'True', 'TRUE'])
    .describe('Cell values that mean a violation.'),
  negative: z
    .array(z.string())
    .min(1)
    .default(['0', '0.0', 'false', 'False', 'FALSE'])
    .describe('Cell values that mean none; an empty cell is unknown.'),
});
const hasLabel = ({ column, votes }: z.infer<typeof policySchema>): boolean =>
  (column === undefined) !== (votes === undefined);
const weightByVotes = z
  .boolean()
  .default(false)
  .describe('Weighs a record by the number of its votes (the mean over policies that have any).');
const hasOneMeaning = ({ positive, negative }: z.infer<typeof policySchema>): boolean =>
  positive.every((value) => !negative.includes(value));

const classSchema = z.strictObject({
  name: className,
  value: z.string().optional().describe('Cell value of this class in `column`; default: the name.'),
  votes: columnName.optional().describe('Column with the number of raters who chose this class.'),
});

const labelsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('multi-label'),
    policies: z
      .array(
        policySchema
          .refine(hasOneMeaning, 'a value is both positive and negative')
          .refine(hasLabel, 'needs `column`, or else `votes`'),
      )
      .min(1)
      .refine((policies) => isDistinct(policies.map(({ name }) => name)), 'two policies have the same name')
      .describe('One yes/no question each; a single one makes a binary classifier.'),
    weightByVotes,
  }),
  z.strictObject({
    kind: z.literal('multi-class'),
    column: columnName
      .optional()
      .describe('Column with the class; leave out when every class has a votes column.'),
    classes: z
      .array(classSchema)
      .min(2)
      .refine((classes) => isDistinct(classes.map(({ name }) => name)), 'two classes have the same name')
      .refine(
        (classes) => isDistinct(classes.map(({ name, value }) => value ?? name)),
        'two classes have the same value',
      ),
    ordered: z
      .boolean()
      .default(false)
      .describe('Whether the classes are levels from low to high, like grades of severity.'),
    weightByVotes,
  }),
]);

const fraction = z.number().min(0).max(1);
const properFraction = z.number().gt(0).lt(1);
const calibrationFraction = properFraction
  .default(0.5)
  .describe(
    'Share of the validation records, in whole groups, set aside as the split `calibration`: thresholds are chosen on it, and nothing else.',
  );
const fractionsSchema = z
  .strictObject({ train: properFraction, validation: properFraction, test: properFraction })
  .refine(
    ({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-9,
    'fractions must add up to 1',
  );
const DEFAULT_FRACTIONS = { train: 0.7, validation: 0.15, test: 0.15 };

const splitSchema = z.discriminatedUnion('strategy', [
  z.strictObject({
    strategy: z.literal('time').describe('Train before validation before test; groups stay whole.'),
    fractions: fractionsSchema.default(DEFAULT_FRACTIONS),
    calibrationFraction,
  }),
  z.strictObject({
    strategy: z
      .literal('group')
      .describe(
        'Groups are dealt to splits by seed, with labels spread evenly; a record without one stands alone.',
      ),
    fractions: fractionsSchema.default(DEFAULT_FRACTIONS),
    calibrationFraction,
  }),
  z.strictObject({
    strategy: z
      .literal('random')
      .describe('Records are dealt to splits by seed, whatever their group: needs --allow-leak.'),
    fractions: fractionsSchema.default(DEFAULT_FRACTIONS),
    calibrationFraction,
  }),
  z
    .strictObject({
      strategy: z
        .literal('hash')
        .describe('SHA-1 of the text fields modulo `modulus` gives the split, so equal texts stay together.'),
      modulus: z.int().min(2).default(5),
      test: z.array(z.int().min(0)).min(1).default([0]).describe('Remainders of the test split.'),
      validation: z.array(z.int().min(0)).min(1).default([1]).describe('Remainders of the validation split.'),
      calibrationFraction,
    })
    .refine(
      ({ modulus, test, validation }) => [...test, ...validation].every((remainder) => remainder < modulus),
      'a remainder of test or validation is not below modulus',
    )
    .refine(
      ({ test, validation }) => test.every((remainder) => !validation.includes(remainder)),
      'a remainder is in both test and validation',
    ),
  z
    .strictObject({
      strategy: z
        .literal('column')
        .describe(
          'A column gives the split; what a group has outside of the last of its splits is left out.',
        ),
      column: columnName,
      train: z.array(z.string()).min(1),
      validation: z
        .array(z.string())
        .default([])
        .describe('Empty: a part of train is set aside, whole groups at a time.'),
      test: z.array(z.string()).min(1),
      validationFraction: properFraction
        .default(0.15)
        .describe('Share of train set aside when `validation` is empty.'),
      calibrationFraction,
    })
    .refine(
      ({ train, validation, test }) =>
        isDistinct([train, validation, test].flatMap((values) => [...new Set(values)])),
      'a value is in more than one of train, validation and test',
    ),
]);

/** 256 hashes find pairs at this similarity with the wanted recall of 0.995, and hardly at half of it. */
const LEAST_SIMILARITY = 0.05;

const duplicatesSchema = z.strictObject({
  text: z
    .strictObject({
      threshold: z
        .number()
        .min(LEAST_SIMILARITY)
        .max(1)
        .default(0.8)
        .describe(
          'Smallest Jaccard similarity of the sets of shingles; what is less similar than 0.05 cannot be found by hashes.',
        ),
      shingleLength: z.int().min(1).max(64).default(5).describe('Characters of a shingle.'),
    })
    .nullable()
    .default({ threshold: 0.8, shingleLength: 5 })
    .describe('When texts are near-duplicates; null: only when they are equal.'),
  images: z
    .strictObject({
      maxDistance64: z.int().min(0).max(16).default(4).describe('Bits of 64 that may differ.'),
      maxDistance256: z.int().min(0).max(80).default(12).describe('Bits of 256 that may differ.'),
      maxColorDistance: z
        .number()
        .min(0)
        .max(255)
        .default(10)
        .describe('Mean difference of the colours of 4 × 4 parts, in levels of 0 to 255.'),
    })
    .nullable()
    .default({ maxDistance64: 4, maxDistance256: 12, maxColorDistance: 10 })
    .describe(
      'When images are near-duplicates, by perceptual hashes; null: only when their pixels are equal.',
    ),
});
const pathSchema = z.string().min(1);
const sourceSchema = z.strictObject({
  path: z
    .union([pathSchema, z.array(pathSchema).min(1)])
    .describe(
      'Files, relative to the data root; patterns may hold * ? ** [a-z] {a,b}. They are read in the order of their paths.',
    ),
  format: z
    .enum(['csv', 'jsonl', 'parquet', 'webdataset'])
    .optional()
    .describe(
      'Default: by the names of the files: .csv, .tsv, .jsonl, .ndjson, .parquet, .tar; all but the last two may be .gz or .zst.',
    ),
  delimiter: z.string().length(1).optional().describe('CSV: default a comma, in .tsv a tab.'),
  quote: z
    .string()
    .length(1)
    .nullable()
    .optional()
    .describe('CSV: default "; null when quotes mean nothing.'),
  maxRowBytes: z
    .int()
    .min(1)
    .max(2 ** 28)
    .default(2 ** 24)
    .describe(
      'A longer row is rejected; so is a larger member of a tar archive, and a conversation of more characters.',
    ),
});

/** Where the records come from and what their columns mean. */
export const dataSchema = z.strictObject({
  root: z
    .string()
    .min(1)
    .describe('Folder of the source files, relative to this file; --data-root overrides it.'),
  source: sourceSchema,
  columns: columnsSchema,
  labels: labelsSchema,
  split: splitSchema,
  duplicates: duplicatesSchema
    .prefault({})
    .describe('Records with equal or near-duplicate texts or images are kept in one split, like groups.'),
  maxRejectedFraction: fraction.default(0.01).describe('More rejected records than this share stop the run.'),
  maxImagePixels: z
    .int()
    .min(1)
    .default(50_000_000)
    .describe('Images with more pixels are refused before decoding.'),
  shardRows: z.int().min(1).max(65_536).default(1024),
});

export type DataConfig = z.infer<typeof dataSchema>;
export type LabelsConfig = DataConfig['labels'];
export type SplitConfig = DataConfig['split'];
export type DuplicatesConfig = DataConfig['duplicates'];
