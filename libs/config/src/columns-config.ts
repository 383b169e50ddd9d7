import { z } from 'zod';

/** Of text that SQL and files can hold. */
const isSound = (name: string): boolean => !/[\0\p{Surrogate}]/u.test(name);
const UNSOUND = 'holds a NUL character or half a surrogate pair';
export const columnName = z
  .string()
  .min(1)
  .refine(isSound, UNSOUND)
  .refine((name) => name !== '__proto__', "'__proto__' cannot be the name of a column");
export const isDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
/** The columns of `records.parquet` are named after these, and readers of Parquet take capitals for small letters. */
const areApart = (names: readonly string[]): boolean => isDistinct(names.map((name) => name.toLowerCase()));
const NOT_APART = 'two names are the same but for capitals';

const imagesSchema = z
  .strictObject({
    column: z
      .union([columnName, z.array(columnName).min(1).refine(isDistinct, 'a column is named twice')])
      .optional()
      .describe('Column with zero to many image paths, or several such columns in the order of the images.'),
    pattern: z
      .string()
      .regex(/^[^{}[\]]*\{id\}[^{}[\]]*$/, 'must name {id} once, and may else hold * and ?')
      .optional()
      .describe(
        'Instead of a column: names of the files of a record, e.g. `{id}.jpg` or `{id}/*.jpg`; in the order of their names.',
      ),
    separator: z.string().min(1).default('|').describe('Separates several images in one cell of text.'),
    directory: z.string().default('.').describe('Folder of the images, relative to the data root.'),
  })
  .refine(
    ({ column, pattern }) => (column === undefined) !== (pattern === undefined),
    'needs `column`, or else `pattern`',
  );

/** The text field that a conversation becomes. */
export const MESSAGES_FIELD = 'messages';

const messagesSchema = z.discriminatedUnion('layout', [
  z.strictObject({
    layout: z.literal('list').describe('One column has the list of the messages of a conversation.'),
    column: columnName.describe(
      'Column with a list (or its JSON) of messages: { role, text, at }, `at` being an ISO 8601 time or missing.',
    ),
  }),
  z.strictObject({
    layout: z
      .literal('rows')
      .describe('Each row is a message; the rows of a conversation follow each other.'),
    conversation: columnName.describe('Column with the id of the conversation.'),
    role: columnName.describe('Column with the role of the sender.'),
    text: columnName,
    time: columnName.optional().describe('Column with the ISO 8601 time of the message.'),
  }),
]);

/** What the columns of a source mean. */
export const columnsSchema = z.strictObject({
  id: columnName.describe('Column with a unique id per record.'),
  text: z
    .record(z.string(), columnName)
    .refine((fields) => !Object.hasOwn(fields, ''), 'a field has no name')
    .refine((fields) => Object.keys(fields).every(isSound), `the name of a field ${UNSOUND}`)
    .refine((fields) => areApart(Object.keys(fields)), NOT_APART)
    .default({})
    .describe('Text fields: name of the field → column; a list of texts becomes lines.'),
  messages: messagesSchema
    .optional()
    .describe('Makes each record a conversation, with the text field `messages`: a line `role: text` each.'),
  images: imagesSchema.optional().describe('Where the images of a record are named.'),
  numeric: z
    .array(columnName)
    .refine(areApart, NOT_APART)
    .default([])
    .describe('Columns with numbers; an empty cell is a missing value.'),
  categorical: z
    .array(columnName)
    .refine(areApart, NOT_APART)
    .default([])
    .describe('Columns with a category; an empty cell is a missing value.'),
  group: z
    .union([columnName, z.array(columnName).min(1).refine(areApart, NOT_APART)])
    .optional()
    .describe(
      'Column whose equal values must stay in one split, e.g. the seller; or several such columns. The first is what intervals are made by.',
    ),
  time: columnName.optional().describe('Column with an ISO 8601 time.'),
  weight: columnName
    .optional()
    .describe('Column with the weight of a record in the loss and in metrics, ≥ 0; an empty cell is 1.'),
  slices: z
    .array(columnName)
    .refine(areApart, NOT_APART)
    .default([])
    .describe('Columns by which results are broken down.'),
});
