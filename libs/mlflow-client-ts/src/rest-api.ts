import { z } from 'zod';
import { MlflowError } from './mlflow-error.js';
import type { Transport, TransportRequest } from './transport.js';

const API = '/api/2.0/mlflow/';

interface CallOptions {
  repeatable?: boolean;
}

/** Calls of MLflow's REST API: JSON in, JSON out, the answer parsed by a schema. */
export class RestApi {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  get<T>(path: string, query: NonNullable<TransportRequest['query']>, schema: z.ZodType<T>): Promise<T> {
    return this.#call({ method: 'GET', path, query }, schema);
  }

  post<T>(
    path: string,
    json: unknown,
    schema: z.ZodType<T>,
    { repeatable = true }: CallOptions = {},
  ): Promise<T> {
    return this.#call({ method: 'POST', path, json, repeatable }, schema);
  }

  patch<T>(path: string, json: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#call({ method: 'PATCH', path, json }, schema);
  }

  /** A DELETE of MLflow takes its arguments as a JSON body. */
  delete<T>(path: string, json: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#call({ method: 'DELETE', path, json }, schema);
  }

  /**
   * Every item of a paged search, fetched as it is consumed.
   *
   * @param fetchPage gets the token of the page before, undefined for the first
   * @throws {MlflowError} `invalid-response` when a token comes twice: the pages would never end
   */
  async *pages<T>(
    fetchPage: (token: string | undefined) => Promise<{ items: T[]; token: string | undefined }>,
  ): AsyncGenerator<T> {
    const seen = new Set<string>();
    let token: string | undefined;
    do {
      const page = await fetchPage(token);
      yield* page.items;
      token = page.token === '' ? undefined : page.token;
      if (token !== undefined && seen.has(token))
        throw new MlflowError('The server gave the same page token twice, so its pages would never end.', {
          kind: 'invalid-response',
        });
      if (token !== undefined) seen.add(token);
    } while (token !== undefined);
  }

  async #call<T>({ path, ...request }: TransportRequest, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.transport.send({ ...request, path: `${API}${path}` });
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new MlflowError(
      `${request.method} ${path} gave an answer of an unexpected shape: ${z.prettifyError(parsed.error)}`,
      { kind: 'invalid-response', cause: parsed.error },
    );
  }
}

/** Any answer, for calls whose answer says nothing. */
export const anything = z.unknown();

/** Tags or params as the API takes them. */
export const pairsOf = (record: Readonly<Record<string, string>> = {}): { key: string; value: string }[] =>
  Object.entries(record).map(([key, value]) => ({ key, value }));

/**
 * Creates something of a unique name, or fetches it when it exists already.
 */
export async function createOrGet<T>(create: () => Promise<T>, get: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (error instanceof MlflowError && error.errorCode === 'RESOURCE_ALREADY_EXISTS') return get();
    throw error;
  }
}
