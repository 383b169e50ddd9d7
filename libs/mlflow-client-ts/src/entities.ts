import { z } from 'zod';

// Shapes of the answers. Unknown fields pass, so that a newer server does not break an older client. int64 comes as a
// number from the open-source server and as text from others.
const int64 = z.union([z.number(), z.string().regex(/^-?\d+$/)]).transform((value, context) => {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    context.addIssue({ code: 'custom', message: `${value} does not fit a JavaScript integer` });
  return number;
});
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number);
const text = z.string();
const pairs = z
  .array(z.object({ key: text, value: text.default('') }))
  .default([])
  .transform((list): Record<string, string> =>
    Object.fromEntries(list.map(({ key, value }) => [key, value])),
  );

export const experimentSchema = z
  .object({
    experiment_id: text,
    name: text,
    artifact_location: text.default(''),
    lifecycle_stage: text.default('active'),
    tags: pairs,
  })
  .transform((e) => ({
    experimentId: e.experiment_id,
    name: e.name,
    artifactLocation: e.artifact_location,
    lifecycleStage: e.lifecycle_stage,
    tags: e.tags,
  }));

export const metricSchema = z
  .object({ key: text, value: double, timestamp: int64, step: int64.default(0) })
  .transform((metric) => metric);

export const runSchema = z
  .object({
    info: z.object({
      run_id: text,
      experiment_id: text,
      run_name: text.default(''),
      status: text,
      start_time: int64.default(0),
      end_time: int64.optional(),
      artifact_uri: text.default(''),
      lifecycle_stage: text.default('active'),
    }),
    data: z.object({ metrics: z.array(metricSchema).default([]), params: pairs, tags: pairs }).prefault({}),
    outputs: z
      .object({ model_outputs: z.array(z.object({ model_id: text, step: int64.default(0) })).default([]) })
      .prefault({}),
  })
  .transform(({ info, data, outputs }) => ({
    info: {
      runId: info.run_id,
      experimentId: info.experiment_id,
      runName: info.run_name,
      status: info.status,
      startTime: info.start_time,
      endTime: info.end_time,
      artifactUri: info.artifact_uri,
      lifecycleStage: info.lifecycle_stage,
    },
    /** Last value of each metric; params and tags by key. */
    data: {
      metrics: Object.fromEntries(data.metrics.map((metric) => [metric.key, metric.value])),
      params: data.params,
      tags: data.tags,
    },
    outputs: {
      modelOutputs: outputs.model_outputs.map(({ model_id, step }) => ({ modelId: model_id, step })),
    },
  }));

export const loggedModelSchema = z
  .object({
    info: z.object({
      model_id: text,
      experiment_id: text,
      name: text,
      artifact_uri: text,
      status: z.union([text, z.number()]).transform(String),
      model_type: text.optional(),
      source_run_id: text.optional(),
      tags: pairs,
    }),
    data: z.object({ params: pairs }).prefault({}),
  })
  .transform(({ info, data }) => ({
    modelId: info.model_id,
    experimentId: info.experiment_id,
    name: info.name,
    artifactUri: info.artifact_uri,
    status: info.status,
    modelType: info.model_type,
    sourceRunId: info.source_run_id,
    tags: info.tags,
    params: data.params,
  }));

const optionalText = text.optional().transform((value) => (value === '' ? undefined : value));

export const modelVersionSchema = z
  .object({
    name: text,
    version: z.union([text, z.number()]).transform(String),
    source: text.default(''),
    run_id: optionalText,
    model_id: optionalText,
    status: text.default('READY'),
    description: text.default(''),
    aliases: z.array(text).default([]),
    tags: pairs,
  })
  .transform((v) => ({
    name: v.name,
    version: v.version,
    source: v.source,
    runId: v.run_id,
    modelId: v.model_id,
    status: v.status,
    description: v.description,
    aliases: v.aliases,
    tags: v.tags,
  }));

export const registeredModelSchema = z
  .object({
    name: text,
    description: text.default(''),
    tags: pairs,
    aliases: z
      .array(z.object({ alias: text, version: z.union([text, z.number()]).transform(String) }))
      .default([]),
  })
  .transform((m) => ({
    name: m.name,
    description: m.description,
    tags: m.tags,
    aliases: Object.fromEntries(m.aliases.map(({ alias, version }) => [alias, version])),
  }));

export const fileInfoSchema = z
  .object({ path: text, is_dir: z.boolean().default(false), file_size: int64.optional() })
  .transform((f) => ({
    path: f.path,
    isDirectory: f.is_dir,
    /** Undefined for a folder. The server leaves the size of an empty file out. */
    sizeBytes: f.is_dir ? undefined : (f.file_size ?? 0),
  }));

export type Experiment = z.output<typeof experimentSchema>;
export type Metric = z.output<typeof metricSchema>;
export type Run = z.output<typeof runSchema>;
export type LoggedModel = z.output<typeof loggedModelSchema>;
export type ModelVersion = z.output<typeof modelVersionSchema>;
export type RegisteredModel = z.output<typeof registeredModelSchema>;
export type FileInfo = z.output<typeof fileInfoSchema>;
export type RunInfo = Run['info'];
