import { MlflowError } from './mlflow-error.js';
import { isTransient, pauseMs, type Failure } from './retry-policy.js';

export type Authentication = { username: string; password: string } | { token: string };

export interface TransportOptions {
  /** Address of the server; a path prefix is kept. */
  baseUrl: string;
  authentication?: Authentication;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Time of one attempt, in milliseconds. */
  timeoutMs?: number;
  /** Time of a call with all its attempts, in milliseconds. */
  deadlineMs?: number;
  /** Most requests in flight at once: an MLflow server deadlocks on more than about 15 writes. */
  maxInFlight?: number;
  fetch?: typeof fetch;
  now?: () => number;
  random?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

export interface TransportRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the base address, with a leading slash; already encoded. */
  path: string;
  query?: Record<string, string | number | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  /** Makes the body anew for each attempt. */
  body?: () => Promise<{ data: Blob | Uint8Array<ArrayBuffer>; sizeBytes: number }>;
  /** A request that must not be sent twice is sent once more only when no answer of the server can exist. Default: true. */
  repeatable?: boolean;
  /** Reads the answer within the attempt, so that a broken download is tried again. */
  read?: (response: Response) => Promise<unknown>;
}

const SNIPPET_LENGTH = 300;
const defaultSleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends requests: authentication, time limits, retries with jitter until a deadline, and a cap on requests in flight. */
export class Transport {
  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;
  readonly #options: Required<
    Pick<TransportOptions, 'timeoutMs' | 'deadlineMs' | 'maxInFlight' | 'fetch' | 'now' | 'random' | 'sleep'>
  >;
  #inFlight = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ baseUrl, authentication, headers = {}, ...options }: TransportOptions) {
    if (!/^https?:\/\//.test(baseUrl))
      throw new MlflowError(`'${baseUrl}' is no http or https address of an MLflow server.`, {
        kind: 'invalid-argument',
        attempts: 0,
      });
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#headers = { ...headers, ...authorization(authentication) };
    this.#options = {
      timeoutMs: 60_000,
      deadlineMs: 120_000,
      maxInFlight: 8,
      fetch,
      now: Date.now,
      random: Math.random,
      sleep: defaultSleep,
      ...options,
    };
  }

  /**
   * Sends one request and reads its answer.
   *
   * @returns what `read` gives, by default the parsed JSON
   * @throws {MlflowError} `unreachable` when no attempt was answered before the deadline, `http` for a lasting error
   */
  async send(request: TransportRequest): Promise<unknown> {
    const { now, deadlineMs, random, sleep } = this.#options;
    const deadline = now() + deadlineMs;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(request);
      if ('value' in outcome) return outcome.value;
      const { failure, cause, retryAfterSeconds } = outcome;
      const again = isTransient(failure) && (request.repeatable !== false || wasRefused(cause));
      const pause = pauseMs(attempt, random, retryAfterSeconds);
      if (!again || now() + pause >= deadline)
        throw this.#errorOf(request, failure, { attempts: attempt, cause });
      await sleep(pause);
    }
  }

  /** Address of a path below the base. */
  url(path: string, query: TransportRequest['query'] = {}): string {
    const given = Object.entries(query).filter(
      (entry): entry is [string, string | number] => entry[1] !== undefined,
    );
    const text = new URLSearchParams(
      given.map(([key, value]): [string, string] => [key, String(value)]),
    ).toString();
    return `${this.#baseUrl}${path}${text === '' ? '' : `?${text}`}`;
  }

  async #attempt(
    request: TransportRequest,
  ): Promise<{ value: unknown } | { failure: Failure; cause?: unknown; retryAfterSeconds?: number }> {
    await this.#enter();
    try {
      const response = await this.#fetch(request);
      if (response.ok) return { value: await (request.read ?? readJson)(response) };
      const body = await response.text();
      const retryAfter = response.headers.get('retry-after');
      return {
        failure: { status: response.status, errorCode: errorCodeOf(body), body },
        ...(retryAfter === null ? {} : { retryAfterSeconds: Number(retryAfter) }),
      };
    } catch (error) {
      if (error instanceof MlflowError) throw error;
      return { failure: { status: undefined, errorCode: undefined, body: '' }, cause: error };
    } finally {
      this.#leave();
    }
  }

  async #fetch({ method, path, query, json, body }: TransportRequest): Promise<Response> {
    const made = await body?.();
    const headers: Record<string, string> = { ...this.#headers };
    if (method !== 'GET')
      headers['content-type'] = made === undefined ? 'application/json' : 'application/octet-stream';
    if (made !== undefined) headers['content-length'] = String(made.sizeBytes);
    return this.#options.fetch(this.url(path, query), {
      method,
      headers,
      redirect: 'error', // a redirect would drop the credentials, or send them elsewhere
      signal: AbortSignal.timeout(this.#options.timeoutMs),
      ...(made === undefined
        ? json === undefined
          ? {}
          : { body: JSON.stringify(json) }
        : { body: made.data }),
    });
  }

  #errorOf(
    { method, path }: TransportRequest,
    { status, errorCode, body }: Failure,
    { attempts, cause }: { attempts: number; cause: unknown },
  ): MlflowError {
    if (status === undefined) {
      const why = cause instanceof Error ? causeText(cause) : String(cause);
      return new MlflowError(
        `${this.#baseUrl} did not answer ${method} ${path} (${why}, ${attempts} attempt${attempts === 1 ? '' : 's'}).`,
        { kind: 'unreachable', attempts, cause },
      );
    }
    const message = messageOf(body);
    return new MlflowError(
      `${method} ${path} was refused with status ${status}${errorCode === undefined ? '' : ` (${errorCode})`}: ${message}`,
      { kind: 'http', status, errorCode, attempts },
    );
  }

  async #enter(): Promise<void> {
    if (this.#inFlight >= this.#options.maxInFlight)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inFlight++;
  }

  /** Hands its place to the longest waiting request, or gives it back. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inFlight--;
    else next();
  }
}

function authorization(authentication: Authentication | undefined): Record<string, string> {
  if (authentication === undefined) return {};
  if ('token' in authentication) return { authorization: `Bearer ${authentication.token}` };
  return {
    authorization: `Basic ${Buffer.from(`${authentication.username}:${authentication.password}`).toString('base64')}`,
  };
}

/** Whether the connection was never made, so that the server cannot have seen the request. */
function wasRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause !== null && typeof cause === 'object' && 'code' in cause ? cause.code : undefined;
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new MlflowError(`The answer is no JSON: ${text.slice(0, SNIPPET_LENGTH)}`, {
      kind: 'invalid-response',
      status: response.status,
      cause: error,
    });
  }
}

function envelopeOf(body: string): { error_code?: unknown; message?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' ? value : {};
  } catch {
    return {}; // HTML or plain text, as proxies and middleware send
  }
}

function errorCodeOf(body: string): string | undefined {
  const { error_code: code } = envelopeOf(body);
  return typeof code === 'string' ? code : undefined;
}

function messageOf(body: string): string {
  const { message } = envelopeOf(body);
  return (
    typeof message === 'string' ? message : body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  ).slice(0, SNIPPET_LENGTH);
}

function causeText(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}
