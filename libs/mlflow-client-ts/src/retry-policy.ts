/** An answer that was no success. */
export interface Failure {
  /** undefined: no answer came. */
  status: number | undefined;
  errorCode: string | undefined;
  /** First part of the body. */
  body: string;
}

const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** What a database under load says in a 400; the same request succeeds later. */
const TRANSIENT_MESSAGES = /QueuePool|database is locked|deadlock|could not serialize/i;

/**
 * Whether the same request may succeed when it is sent again.
 *
 * MLflow answers some lasting errors with a 5xx status: INVALID_STATE is a 500, and a server without artifact proxy says so
 * in a plain-text 503. Some passing ones come as 400: a full connection pool, a lock.
 */
export function isTransient({ status, errorCode, body }: Failure): boolean {
  if (status === undefined) return true;
  if (errorCode === 'INVALID_STATE') return false;
  if (status === 400) return TRANSIENT_MESSAGES.test(body);
  if (status === 503 && /--serve-artifacts|artifact/i.test(body) && errorCode === undefined) return false;
  return TRANSIENT_STATUSES.has(status);
}

const BASE_MS = 200;
const CAP_MS = 8000;

/**
 * Pause before the next attempt: full jitter under an exponential cap, or what the server asked for.
 *
 * @param attempt attempts so far, from 1
 * @param retryAfterSeconds of the answer's header
 * @see "Exponential backoff and jitter", AWS Architecture Blog, 2015
 */
export function pauseMs(attempt: number, random: () => number, retryAfterSeconds?: number): number {
  if (retryAfterSeconds !== undefined && Number.isFinite(retryAfterSeconds))
    return Math.max(0, retryAfterSeconds * 1000);
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}
