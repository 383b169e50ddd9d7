import { z } from 'zod';
import { MESSAGES_FIELD } from './columns-config.js';
import { dataSchema, type DataConfig } from './data-config.js';
import { evaluateSchema, publishSchema, serveSchema } from './decision-config.js';
import { modelSchema, trainSchema } from './model-config.js';
import { preprocessSchema } from './preprocess-config.js';

/** The whole of `configs/<name>/pipeline.yaml`. */
export const pipelineSchema = z
  .strictObject({
    $schema: z.string().optional(),
    schemaVersion: z.literal(1),
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
    description: z.string().min(1),
    seed: z.int().min(0).default(0),
    data: dataSchema,
    preprocess: preprocessSchema.prefault({}),
    model: modelSchema.prefault({}),
    train: trainSchema.prefault({}),
    evaluate: evaluateSchema.prefault({}),
    publish: publishSchema.prefault({}),
    serve: serveSchema.prefault({}),
  })
  .superRefine((config, context) => {
    const problem = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const { data, preprocess, model } = config;
    const fields = textFieldsOf(data);
    for (const field of preprocess.text?.fields ?? []) {
      if (!fields.includes(field))
        problem(
          ['preprocess', 'text', 'fields'],
          `'${field}' is not a field of data.columns.text (${fields.join(', ') || 'none'})`,
        );
    }
    const isMessages = (field: string): boolean => field.toLowerCase() === MESSAGES_FIELD;
    if (data.columns.messages !== undefined && Object.keys(data.columns.text).some(isMessages))
      problem(['data', 'columns', 'text'], `'${MESSAGES_FIELD}' is the field of data.columns.messages`);
    if (model.text && !preprocess.text) problem(['model', 'text'], 'needs a section preprocess.text');
    if (model.image && !preprocess.image) problem(['model', 'image'], 'needs a section preprocess.image');
    if (preprocess.image && !data.columns.images)
      problem(['preprocess', 'image'], 'needs data.columns.images');
    const numTabular = data.columns.numeric.length + data.columns.categorical.length;
    if (model.tabular && numTabular === 0 && preprocess.text?.changes !== true)
      problem(
        ['model', 'tabular'],
        'needs data.columns.numeric, data.columns.categorical or preprocess.text.changes',
      );
    for (const column of Object.keys(preprocess.numeric.columns)) {
      if (!data.columns.numeric.includes(column))
        problem(
          ['preprocess', 'numeric', 'columns'],
          `'${column}' is not a column of data.columns.numeric (${data.columns.numeric.join(', ') || 'none'})`,
        );
    }
    if (!model.text && !model.image && !model.tabular)
      problem(['model'], 'names no modality: add text, image or tabular');
    if (data.split.strategy === 'time' && !data.columns.time && !data.columns.messages)
      problem(['data', 'split'], "strategy 'time' needs data.columns.time");
    const classes = classNames(data.labels);
    for (const { policy } of config.evaluate.gates) {
      if (policy !== 'mean' && !classes.includes(policy))
        problem(['evaluate', 'gates'], `'${policy}' is not one of ${[...classes, 'mean'].join(', ')}`);
    }
    for (const name of Object.keys(config.publish.policyVersions)) {
      if (!classes.includes(name))
        problem(['publish', 'policyVersions'], `'${name}' is not one of ${classes.join(', ')}`);
    }
    if (
      data.labels.kind === 'multi-class' &&
      data.labels.column === undefined &&
      data.labels.classes.some((c) => c.votes === undefined)
    ) {
      problem(['data', 'labels'], 'needs `column`, or `votes` for every class');
    }
  });

export type PipelineConfig = z.infer<typeof pipelineSchema>;

/** Names of the text fields that records have. */
export const textFieldsOf = ({ columns }: DataConfig): string[] => [
  ...Object.keys(columns.text),
  ...(columns.messages === undefined ? [] : [MESSAGES_FIELD]),
];

/** Names of the policies or classes in the order of the axis K. */
export function classNames(labels: PipelineConfig['data']['labels']): string[] {
  return (labels.kind === 'multi-label' ? labels.policies : labels.classes).map(({ name }) => name);
}
