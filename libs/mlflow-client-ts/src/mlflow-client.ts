import { Artifacts } from './artifacts.js';
import type { Authentication } from './base-address.js';
import { Experiments } from './experiments.js';
import { LoggedModels } from './logged-models.js';
import { MlflowError, refuse } from './mlflow-error.js';
import { parseModelUri } from './model-uri.js';
import { ModelVersions, RegisteredModels } from './registered-models.js';
import { RestApi } from './rest-api.js';
import { Runs } from './runs.js';
import { Transport, type TransportOptions } from './transport.js';

/** A model version, resolved once: an alias that moves later does not change it. */
export interface ResolvedModel {
  name: string;
  version: string;
  modelId: string | undefined;
  /** Where its files are. */
  artifactUri: string;
  tags: Record<string, string>;
}

/**
 * Client of the MLflow REST API. There is no global active run: every call names what it acts on.
 *
 * @example
 * const client = new MlflowClient({ baseUrl: 'http://127.0.0.1:5000' });
 * const { experimentId } = await client.experiments.getOrCreate('listings');
 * const run = await client.runs.create({ experimentId });
 */
export class MlflowClient {
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly artifacts: Artifacts;
  readonly loggedModels: LoggedModels;
  readonly registeredModels: RegisteredModels;
  readonly modelVersions: ModelVersions;
  readonly #transport: Transport;

  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
    const api = new RestApi(this.#transport);
    this.experiments = new Experiments(api);
    this.runs = new Runs(api);
    this.artifacts = new Artifacts(this.#transport);
    this.loggedModels = new LoggedModels(api);
    this.registeredModels = new RegisteredModels(api);
    this.modelVersions = new ModelVersions(api);
  }

  /**
   * The client of `MLFLOW_TRACKING_URI`, with `MLFLOW_TRACKING_USERNAME` and `_PASSWORD`, or `MLFLOW_TRACKING_TOKEN`.
   * As in MLflow's own client, user and password win over the token.
   */
  static fromEnvironment(
    env: Record<string, string | undefined> = process.env,
    options: Omit<TransportOptions, 'baseUrl'> = {},
  ): MlflowClient {
    const baseUrl = env['MLFLOW_TRACKING_URI'];
    if (baseUrl === undefined || baseUrl === '') return refuse('MLFLOW_TRACKING_URI is not set.');
    const authentication = authenticationOf(env);
    return new MlflowClient({
      baseUrl,
      ...(authentication === undefined ? {} : { authentication }),
      ...options,
    });
  }

  /** Whether the server answers its health probe now; it is asked once. */
  async isHealthy(): Promise<boolean> {
    try {
      await this.#transport.send({
        method: 'GET',
        path: '/health',
        retry: false,
        read: (response) => response.text(),
      });
      return true;
    } catch (error) {
      if (error instanceof MlflowError) return false;
      throw error;
    }
  }

  /** Version of the server, e.g. `3.17.2`. */
  async serverVersion(): Promise<string> {
    return String(
      await this.#transport.send({ method: 'GET', path: '/version', read: (response) => response.text() }),
    ).trim();
  }

  /**
   * Finds the version that an address means now.
   *
   * @throws {MlflowError} when there is no such model, version or alias
   */
  async resolveModelUri(uri: string): Promise<ResolvedModel> {
    const parsed = parseModelUri(uri);
    if (parsed.kind === 'logged-model')
      return refuse(`'${uri}' is a logged model, not a version of a registered one.`);
    const found =
      parsed.kind === 'alias'
        ? await this.registeredModels.getAlias(parsed.name, parsed.alias)
        : await this.modelVersions.get(parsed.name, parsed.version);
    const modelId = found.modelId ?? /^models:\/(m-[0-9a-f]+)$/.exec(found.source)?.[1];
    const artifactUri =
      modelId === undefined
        ? await this.modelVersions.getDownloadUri(found.name, found.version)
        : (await this.loggedModels.get(modelId)).artifactUri;
    return { name: found.name, version: found.version, modelId, artifactUri, tags: found.tags };
  }
}

function authenticationOf(env: Record<string, string | undefined>): Authentication | undefined {
  const {
    MLFLOW_TRACKING_USERNAME: username,
    MLFLOW_TRACKING_PASSWORD: password,
    MLFLOW_TRACKING_TOKEN: token,
  } = env;
  if (username !== undefined && password !== undefined) return { username, password };
  return token === undefined ? undefined : { token };
}
