import { z } from 'zod';
import { loggedModelSchema, type LoggedModel } from './entities.js';
import { anything, pairsOf, type RestApi } from './rest-api.js';

const oneModel = z.object({ model: loggedModelSchema }).transform(({ model }) => model);

export type LoggedModelStatus = 'LOGGED_MODEL_READY' | 'LOGGED_MODEL_UPLOAD_FAILED';

export interface CreateLoggedModelOptions {
  experimentId: string;
  name: string;
  modelType?: string;
  sourceRunId?: string;
  params?: Record<string, string>;
  tags?: Record<string, string>;
}

/** Logged models: a folder of files with parameters, metrics and a status, made by a run. */
export class LoggedModels {
  readonly #api: RestApi;

  constructor(api: RestApi) {
    this.#api = api;
  }

  /** A pending model; upload its files below `artifactUri`, then finalize it. */
  create({
    experimentId,
    name,
    modelType,
    sourceRunId,
    params,
    tags,
  }: CreateLoggedModelOptions): Promise<LoggedModel> {
    const body = {
      experiment_id: experimentId,
      name,
      model_type: modelType,
      source_run_id: sourceRunId,
      params: pairsOf(params),
      tags: pairsOf(tags),
    };
    return this.#api.post('logged-models', body, oneModel, { repeatable: false });
  }

  get(modelId: string): Promise<LoggedModel> {
    return this.#api.get(`logged-models/${encodeURIComponent(modelId)}`, {}, oneModel);
  }

  finalize(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    return this.#api.patch(
      `logged-models/${encodeURIComponent(modelId)}`,
      { model_id: modelId, status },
      oneModel,
    );
  }

  async setTags(modelId: string, tags: Record<string, string>): Promise<void> {
    await this.#api.patch(
      `logged-models/${encodeURIComponent(modelId)}/tags`,
      { model_id: modelId, tags: pairsOf(tags) },
      anything,
    );
  }

  search({
    experimentIds,
    filter,
    pageSize = 50,
  }: {
    experimentIds: readonly string[];
    filter?: string;
    pageSize?: number;
  }): AsyncGenerator<LoggedModel> {
    const schema = z.object({
      models: z.array(loggedModelSchema).default([]),
      next_page_token: z.string().optional(),
    });
    return this.#api.pages(async (token) => {
      const page = await this.#api.post(
        'logged-models/search',
        { experiment_ids: experimentIds, filter, max_results: pageSize, page_token: token },
        schema,
      );
      return { items: page.models, token: page.next_page_token };
    });
  }

  async delete(modelId: string): Promise<void> {
    await this.#api.delete(`logged-models/${encodeURIComponent(modelId)}`, { model_id: modelId }, anything);
  }
}
