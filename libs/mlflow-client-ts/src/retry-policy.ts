/** An answer that was no success. */
export interface Failure {
  /** undefined: no answer came. */
  status: number | undefined;
  errorCode: string | undefined;
  /** First part of the body. */
  body: string;
  /** Why no answer came: code of the system or of the HTTP client. */
  systemCode?: string | undefined;
}

const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** The server was never reached: it cannot have seen the request. */
const REFUSED_CODES = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** The connection broke or nothing came in time. A wrong certificate, for one, stays wrong and is not here. */
const CONNECTION_CODES = new Set([
  ...REFUSED_CODES,
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** What a database under load says; the same request succeeds later. */
const TRANSIENT_MESSAGES = /QueuePool|database is locked|deadlock|could not serialize/i;

/**
 * Whether the same request may succeed when it is sent again.
 *
 * MLflow answers some lasting errors with a 5xx status: INVALID_STATE is a 500, and a server without artifact proxy says so
 * in a plain-text 503. Some passing ones come as 400: a full connection pool, a lock.
 */
export function isTransient({ status, errorCode, body, systemCode }: Failure): boolean {
  if (status === undefined) return CONNECTION_CODES.has(systemCode ?? '');
  if (errorCode === 'INVALID_STATE') return false;
  if (status === 400) return TRANSIENT_MESSAGES.test(body);
  if (status === 503 && /--serve-artifacts|artifact/i.test(body) && errorCode === undefined) return false;
  return TRANSIENT_STATUSES.has(status);
}

/** Whether the server has certainly done nothing, so that also a request that must not be done twice may be sent again. */
export function wasNotDone({ status, body, systemCode }: Failure): boolean {
  if (status === undefined) return REFUSED_CODES.has(systemCode ?? '');
  return status === 429 || status === 503 || TRANSIENT_MESSAGES.test(body);
}

/** Code of an error that `fetch` or the reading of a body threw, or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  // No instanceof: errors of Node's own modules may come from another realm.
  if (error === null || typeof error !== 'object') return undefined;
  if ('name' in error && error.name === 'TimeoutError') return 'ETIMEDOUT';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? systemCodeOf(error.cause) : undefined;
}

const BASE_MS = 200;
const CAP_MS = 8000;

/**
 * Pause before the next attempt: full jitter under an exponential cap, or what the server asked for when that is longer.
 *
 * @param attempt attempts so far, from 1
 * @param retryAfterSeconds of the answer's header
 * @see "Exponential backoff and jitter", AWS Architecture Blog, 2015
 */
export function pauseMs(attempt: number, random: () => number, retryAfterSeconds?: number): number {
  const jittered = random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
  const asked = (retryAfterSeconds ?? 0) * 1000;
  return Number.isFinite(asked) ? Math.max(jittered, asked) : jittered;
}
