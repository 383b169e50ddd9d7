import { checkedHeaders, parseBaseUrl, type Authentication } from './base-address.js';
import { IdleTimer } from './idle-timer.js';
import { MlflowError } from './mlflow-error.js';
import { isTransient, pauseMs, systemCodeOf, wasNotDone, type Failure } from './retry-policy.js';

export interface TransportOptions {
  /** Address of the server; a path prefix is kept. User and password in it count when no `authentication` is given. */
  baseUrl: string;
  authentication?: Authentication;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Time of one attempt, in milliseconds. A file may take longer as long as its bytes flow without such a pause. */
  timeoutMs?: number;
  /** Time of a call with all its attempts, in milliseconds; only a file that flows may take longer. */
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
  body?: () => Promise<{ data: Blob; sizeBytes: number }>;
  /** A request that must not be done twice is sent again only when the server has certainly not done it. Default: true. */
  repeatable?: boolean;
  /** Whether there is a second attempt at all. Default: true. */
  retry?: boolean;
  /**
   * Reads the answer within the attempt, so that a broken download is tried again.
   *
   * @param progress to be called for each part of a long body, so that its reading is not given up
   */
  read?: (response: Response, progress: () => void) => Promise<unknown>;
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
    const address = parseBaseUrl(baseUrl);
    this.#baseUrl = address.baseUrl;
    this.#headers = checkedHeaders(headers, authentication ?? address.authentication);
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
      const outcome = await this.#attempt(request, deadline);
      if ('value' in outcome) return outcome.value;
      const { failure, cause, retryAfterSeconds } = outcome;
      if (attempt > 1 && request.method === 'DELETE' && failure.status === 404) return undefined; // the lost answer was a yes
      const again =
        request.retry !== false &&
        isTransient(failure) &&
        (request.repeatable !== false || wasNotDone(failure));
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
    deadline: number,
  ): Promise<{ value: unknown } | { failure: Failure; cause?: unknown; retryAfterSeconds?: number }> {
    await this.#enter();
    const { timeoutMs, now } = this.#options;
    const timer = new IdleTimer(timeoutMs, Math.max(1, Math.min(timeoutMs, deadline - now())));
    try {
      const response = await this.#fetch(request, timer);
      if (response.ok) return { value: await (request.read ?? readJson)(response, () => timer.progress()) };
      const body = await response.text();
      const retryAfter = response.headers.get('retry-after');
      return {
        failure: { status: response.status, errorCode: errorCodeOf(body), body },
        ...(retryAfter === null ? {} : { retryAfterSeconds: Number(retryAfter) }),
      };
    } catch (error) {
      if (error instanceof MlflowError) throw error;
      const failure = { status: undefined, errorCode: undefined, body: '', systemCode: systemCodeOf(error) };
      return { failure, cause: error };
    } finally {
      timer.stop();
      this.#leave();
    }
  }

  async #fetch({ method, path, query, json, body }: TransportRequest, timer: IdleTimer): Promise<Response> {
    const made = await body?.();
    const headers: Record<string, string> = { ...this.#headers };
    if (method !== 'GET')
      headers['content-type'] = made === undefined ? 'application/json' : 'application/octet-stream';
    if (made !== undefined) headers['content-length'] = String(made.sizeBytes);
    return this.#options.fetch(this.url(path, query), {
      method,
      headers,
      redirect: 'manual', // one that is followed would drop the credentials, or send them elsewhere
      signal: timer.signal,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(made === undefined ? {} : { body: watched(made.data, timer), duplex: 'half' as const }),
    });
  }

  #errorOf(
    { method, path }: TransportRequest,
    { status, errorCode, body }: Failure,
    { attempts, cause }: { attempts: number; cause: unknown },
  ): MlflowError {
    if (status === undefined) {
      const why = causeText(cause);
      return new MlflowError(
        `${this.#baseUrl} did not answer ${method} ${path} (${why}, ${attempts} attempt${attempts === 1 ? '' : 's'}).`,
        { kind: 'unreachable', attempts, cause },
      );
    }
    const redirected = status >= 300 && status < 400;
    const message = redirected ? 'it redirects; give the address that it redirects to' : messageOf(body);
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

/** Bytes of a file; each part that goes out is progress. */
function watched(data: Blob, timer: IdleTimer): ReadableStream<Uint8Array> {
  const progress = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      timer.progress();
      controller.enqueue(chunk);
    },
  });
  return data.stream().pipeThrough(progress);
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

function causeText(error: unknown): string {
  if (error === null || typeof error !== 'object' || !('message' in error)) return String(error);
  return 'cause' in error && error.cause !== undefined ? causeText(error.cause) : String(error.message);
}
