import { z } from 'zod';
import { experimentSchema, type Experiment } from './entities.js';
import { createOrGet, pairsOf, type RestApi } from './rest-api.js';

const one = z.object({ experiment: experimentSchema }).transform(({ experiment }) => experiment);

/** Experiments: named groups of runs. */
export class Experiments {
  readonly #api: RestApi;

  constructor(api: RestApi) {
    this.#api = api;
  }

  /** @throws {MlflowError} RESOURCE_ALREADY_EXISTS when the name is taken, also by a deleted experiment */
  create(
    name: string,
    { tags = {} }: { tags?: Record<string, string> } = {},
  ): Promise<{ experimentId: string }> {
    const schema = z
      .object({ experiment_id: z.string() })
      .transform(({ experiment_id }) => ({ experimentId: experiment_id }));
    return this.#api.post('experiments/create', { name, tags: pairsOf(tags) }, schema);
  }

  get(experimentId: string): Promise<Experiment> {
    return this.#api.get('experiments/get', { experiment_id: experimentId }, one);
  }

  /** @throws {MlflowError} RESOURCE_DOES_NOT_EXIST */
  getByName(name: string): Promise<Experiment> {
    return this.#api.get('experiments/get-by-name', { experiment_name: name }, one);
  }

  /** The experiment of this name, made when there is none. */
  async getOrCreate(
    name: string,
    options: { tags?: Record<string, string> } = {},
  ): Promise<{ experimentId: string }> {
    return createOrGet(
      () => this.create(name, options),
      () => this.getByName(name),
    );
  }

  /** @param filter e.g. `name LIKE 'listings%'` */
  search({
    filter,
    pageSize = 200,
  }: { filter?: string; pageSize?: number } = {}): AsyncGenerator<Experiment> {
    const schema = z.object({
      experiments: z.array(experimentSchema).default([]),
      next_page_token: z.string().optional(),
    });
    return this.#api.pages(async (token) => {
      const page = await this.#api.post(
        'experiments/search',
        { filter, max_results: pageSize, page_token: token },
        schema,
      );
      return { items: page.experiments, token: page.next_page_token };
    });
  }

  async delete(experimentId: string): Promise<void> {
    await this.#api.post('experiments/delete', { experiment_id: experimentId }, z.unknown());
  }
}
