import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { metricSchema, runSchema, type Metric, type Run } from './entities.js';
import { MlflowError } from './mlflow-error.js';
import { anything, pairsOf, type RestApi } from './rest-api.js';
import { checkKey, checkParam, checkTag, encodePoint, type MetricPoint } from './validate.js';

const oneRun = z.object({ run: runSchema }).transform(({ run }) => run);
const MAX_METRICS = 1000;
const MAX_PARAMS = 100;
const MAX_TAGS = 100;

/** Tag by which a run whose creation was not answered is found again. */
const REQUEST_TAG = 'mlflow_client_ts.request';

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface CreateRunOptions {
  experimentId: string;
  runName?: string;
  tags?: Record<string, string>;
  /** Milliseconds since 1970. */
  startTime?: number;
}

export interface RunBatch {
  metrics?: readonly MetricPoint[];
  params?: readonly { key: string; value: string }[];
  tags?: readonly { key: string; value: string }[];
}

export interface DatasetInput {
  dataset: {
    name: string;
    digest: string;
    sourceType: string;
    source: string;
    schema?: string;
    profile?: string;
  };
  tags?: Record<string, string>;
}

/** Runs: parameters, metrics over time, tags, inputs and outputs of one execution. */
export class Runs {
  readonly #api: RestApi;

  constructor(api: RestApi) {
    this.#api = api;
  }

  /**
   * Starts a run. When the answer is lost the run is looked up by a tag, so that no second one is left behind.
   */
  async create({ experimentId, runName, tags = {}, startTime = Date.now() }: CreateRunOptions): Promise<Run> {
    const request = randomUUID();
    const body = {
      experiment_id: experimentId,
      run_name: runName,
      start_time: startTime,
      tags: pairsOf(checkedTags({ ...tags, [REQUEST_TAG]: request })),
    };
    try {
      return await this.#api.post('runs/create', body, oneRun, { repeatable: false });
    } catch (error) {
      if (!mayBeDone(error)) throw error;
      for await (const run of this.search({
        experimentIds: [experimentId],
        filter: `tags.\`${REQUEST_TAG}\` = '${request}'`,
      }))
        return run;
      return this.#api.post('runs/create', body, oneRun, { repeatable: false });
    }
  }

  get(runId: string): Promise<Run> {
    return this.#api.get('runs/get', { run_id: runId }, oneRun);
  }

  /** Sets status, name or end. A run that ends without a time gets the present one. */
  async update(
    runId: string,
    { status, endTime, runName }: { status?: RunStatus; endTime?: number; runName?: string },
  ): Promise<void> {
    const ended = status === 'FINISHED' || status === 'FAILED' || status === 'KILLED';
    await this.#api.post(
      'runs/update',
      { run_id: runId, status, run_name: runName, end_time: endTime ?? (ended ? Date.now() : undefined) },
      anything,
    );
  }

  /** @param filter e.g. `metrics.loss < 1 AND tags.team = 'trust'` */
  search({
    experimentIds,
    filter,
    orderBy,
    pageSize = 1000,
  }: {
    experimentIds: readonly string[];
    filter?: string;
    orderBy?: readonly string[];
    pageSize?: number;
  }): AsyncGenerator<Run> {
    const schema = z.object({ runs: z.array(runSchema).default([]), next_page_token: z.string().optional() });
    return this.#api.pages(async (token) => {
      const page = await this.#api.post(
        'runs/search',
        {
          experiment_ids: experimentIds,
          filter,
          order_by: orderBy,
          max_results: pageSize,
          page_token: token,
        },
        schema,
      );
      return { items: page.runs, token: page.next_page_token };
    });
  }

  /**
   * Writes metrics, params and tags, split into requests within the server's limits. Writing the same values again
   * changes nothing, so a lost answer is repaired by repeating.
   *
   * @throws {MlflowError} `invalid-argument` before anything is sent, when a key or value is not allowed
   */
  async logBatch(runId: string, { metrics = [], params = [], tags = [] }: RunBatch): Promise<void> {
    const encoded = {
      metrics: metrics.map(encodePoint),
      params: params.map(({ key, value }) => ({ key: checkKey(key), value: checkParam(key, value) })),
      tags: tags.map(({ key, value }) => ({ key: checkKey(key), value: checkTag(key, value) })),
    };
    const send = (part: Partial<typeof encoded>): Promise<unknown> =>
      this.#api.post('runs/log-batch', { run_id: runId, ...part }, anything);
    for (const part of chunks(encoded.params, MAX_PARAMS)) await send({ params: part });
    for (const part of chunks(encoded.tags, MAX_TAGS)) await send({ tags: part });
    for (const part of chunks(encoded.metrics, MAX_METRICS)) await send({ metrics: part });
  }

  /** A param can be written once; another value for the same key is refused by the server. */
  async logParam(runId: string, key: string, value: string): Promise<void> {
    await this.#api.post(
      'runs/log-parameter',
      { run_id: runId, key: checkKey(key), value: checkParam(key, value) },
      anything,
    );
  }

  async setTag(runId: string, key: string, value: string): Promise<void> {
    await this.#api.post(
      'runs/set-tag',
      { run_id: runId, key: checkKey(key), value: checkTag(key, value) },
      anything,
    );
  }

  /** Says which data the run read. */
  async logInputs(runId: string, { datasets }: { datasets: readonly DatasetInput[] }): Promise<void> {
    const encoded = datasets.map(({ dataset: { sourceType, ...dataset }, tags }) => ({
      dataset: { ...dataset, source_type: sourceType },
      tags: pairsOf(tags),
    }));
    await this.#api.post('runs/log-inputs', { run_id: runId, datasets: encoded }, anything);
  }

  /**
   * Says which logged models the run made. The server refuses the same one twice, so when an answer is lost only those
   * that the run does not name yet are sent again.
   */
  async outputs(runId: string, models: readonly { modelId: string; step: number }[]): Promise<void> {
    const send = (some: typeof models): Promise<unknown> =>
      this.#api.post(
        'runs/outputs',
        { run_id: runId, models: some.map(({ modelId, step }) => ({ model_id: modelId, step })) },
        anything,
        { repeatable: false },
      );
    try {
      await send(models);
    } catch (error) {
      if (!mayBeDone(error)) throw error;
      const { modelOutputs } = (await this.get(runId)).outputs;
      const missing = models.filter(
        ({ modelId }) => !modelOutputs.some((output) => output.modelId === modelId),
      );
      if (missing.length > 0) await send(missing);
    }
  }

  /** Every point of a metric, in the order of the server. */
  metricHistory(
    runId: string,
    key: string,
    { pageSize = 25_000 }: { pageSize?: number } = {},
  ): AsyncGenerator<Metric> {
    const schema = z.object({
      metrics: z.array(metricSchema).default([]),
      next_page_token: z.string().optional(),
    });
    return this.#api.pages(async (token) => {
      const page = await this.#api.get(
        'metrics/get-history',
        { run_id: runId, metric_key: key, max_results: pageSize, page_token: token },
        schema,
      );
      return { items: page.metrics, token: page.next_page_token };
    });
  }

  async delete(runId: string): Promise<void> {
    await this.#api.post('runs/delete', { run_id: runId }, anything);
  }
}

/** Whether the server may have done what failed: no answer came, or one that says nothing about it. */
const mayBeDone = (error: unknown): boolean =>
  error instanceof MlflowError &&
  error.kind !== 'invalid-argument' &&
  (error.status === undefined || error.status >= 500);

const checkedTags = (tags: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [checkKey(key), checkTag(key, value)]));

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
