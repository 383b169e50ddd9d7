import { z } from 'zod';
import {
  modelVersionSchema,
  registeredModelSchema,
  type ModelVersion,
  type RegisteredModel,
} from './entities.js';
import { anything, createOrGet, pairsOf, type RestApi } from './rest-api.js';
import { checkVersion } from './validate.js';

const oneModel = z
  .object({ registered_model: registeredModelSchema })
  .transform(({ registered_model }) => registered_model);
const oneVersion = z
  .object({ model_version: modelVersionSchema })
  .transform(({ model_version }) => model_version);

/** Registered models: a name, its versions, and aliases that point at them. */
export class RegisteredModels {
  readonly #api: RestApi;

  constructor(api: RestApi) {
    this.#api = api;
  }

  /** @throws {MlflowError} RESOURCE_ALREADY_EXISTS when the name is taken */
  create(
    name: string,
    { description, tags }: { description?: string; tags?: Record<string, string> } = {},
  ): Promise<RegisteredModel> {
    return this.#api.post('registered-models/create', { name, description, tags: pairsOf(tags) }, oneModel);
  }

  /** @throws {MlflowError} RESOURCE_DOES_NOT_EXIST */
  get(name: string): Promise<RegisteredModel> {
    return this.#api.get('registered-models/get', { name }, oneModel);
  }

  getOrCreate(
    name: string,
    options: { description?: string; tags?: Record<string, string> } = {},
  ): Promise<RegisteredModel> {
    return createOrGet(
      () => this.create(name, options),
      () => this.get(name),
    );
  }

  /** @param filter e.g. `name LIKE 'list%'` */
  search({
    filter,
    pageSize = 100,
  }: { filter?: string; pageSize?: number } = {}): AsyncGenerator<RegisteredModel> {
    const schema = z.object({
      registered_models: z.array(registeredModelSchema).default([]),
      next_page_token: z.string().optional(),
    });
    return this.#api.pages(async (token) => {
      const page = await this.#api.get(
        'registered-models/search',
        { filter, max_results: pageSize, page_token: token },
        schema,
      );
      return { items: page.registered_models, token: page.next_page_token };
    });
  }

  async setTag(name: string, key: string, value: string): Promise<void> {
    await this.#api.post('registered-models/set-tag', { name, key, value }, anything);
  }

  async deleteTag(name: string, key: string): Promise<void> {
    await this.#api.delete('registered-models/delete-tag', { name, key }, anything);
  }

  /** Points an alias at a version. The last writer wins; the server has no compare-and-swap. */
  async setAlias(name: string, alias: string, version: string): Promise<void> {
    await this.#api.post(
      'registered-models/alias',
      { name, alias, version: checkVersion(version) },
      anything,
    );
  }

  /** @throws {MlflowError} INVALID_PARAMETER_VALUE or RESOURCE_DOES_NOT_EXIST when there is no such alias */
  getAlias(name: string, alias: string): Promise<ModelVersion> {
    return this.#api.get('registered-models/alias', { name, alias }, oneVersion);
  }

  async deleteAlias(name: string, alias: string): Promise<void> {
    await this.#api.delete('registered-models/alias', { name, alias }, anything);
  }

  async delete(name: string): Promise<void> {
    await this.#api.delete('registered-models/delete', { name }, anything);
  }
}

export interface CreateVersionOptions {
  name: string;
  /** `models:/m-<id>` of a logged model, or a path inside the run's artifacts. */
  source: string;
  runId?: string;
  modelId?: string;
  description?: string;
  tags?: Record<string, string>;
}

/** Versions of registered models. */
export class ModelVersions {
  readonly #api: RestApi;

  constructor(api: RestApi) {
    this.#api = api;
  }

  /** Makes the next version. It is not repeated when an answer is lost, because each call makes one more. */
  create({ name, source, runId, modelId, description, tags }: CreateVersionOptions): Promise<ModelVersion> {
    const body = { name, source, run_id: runId, model_id: modelId, description, tags: pairsOf(tags) };
    return this.#api.post('model-versions/create', body, oneVersion, { repeatable: false });
  }

  get(name: string, version: string): Promise<ModelVersion> {
    return this.#api.get('model-versions/get', { name, version: checkVersion(version) }, oneVersion);
  }

  /** @param filter e.g. `name = 'listings'` */
  search({
    filter,
    orderBy,
    pageSize = 1000,
  }: {
    filter: string;
    orderBy?: string;
    pageSize?: number;
  }): AsyncGenerator<ModelVersion> {
    const schema = z.object({
      model_versions: z.array(modelVersionSchema).default([]),
      next_page_token: z.string().optional(),
    });
    return this.#api.pages(async (token) => {
      const page = await this.#api.get(
        'model-versions/search',
        { filter, order_by: orderBy, max_results: pageSize, page_token: token },
        schema,
      );
      return { items: page.model_versions, token: page.next_page_token };
    });
  }

  async setTag(name: string, version: string, key: string, value: string): Promise<void> {
    await this.#api.post(
      'model-versions/set-tag',
      { name, version: checkVersion(version), key, value },
      anything,
    );
  }

  async getDownloadUri(name: string, version: string): Promise<string> {
    const schema = z.object({ artifact_uri: z.string() }).transform(({ artifact_uri }) => artifact_uri);
    return this.#api.get('model-versions/get-download-uri', { name, version: checkVersion(version) }, schema);
  }

  async delete(name: string, version: string): Promise<void> {
    await this.#api.delete('model-versions/delete', { name, version: checkVersion(version) }, anything);
  }
}
