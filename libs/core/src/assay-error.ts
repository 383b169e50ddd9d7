import { ERROR_CODES, type AssayErrorCode } from './error-codes.js';

interface AssayErrorOptions {
  cause?: unknown;
  /** Machine-readable facts: paths, values, limits. Never user content. */
  details?: Record<string, unknown>;
}

/**
 * The one error class of assay. The message says what happened, what was expected and how to fix it.
 *
 * @example
 * throw new AssayError('COLUMN_MISSING', `listings.csv has no column 'price'; it has: id, title. Fix: name it in data.numeric.`);
 */
export class AssayError extends Error {
  override readonly name = 'AssayError';
  readonly code: AssayErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: AssayErrorCode, message: string, options: AssayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get exitStatus(): number {
    return ERROR_CODES[this.code].exit;
  }

  get httpStatus(): number {
    return ERROR_CODES[this.code].http;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retry;
  }
}

/** Node's error code (`ENOENT`, `ENOSPC`, …) of anything thrown, or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  // No instanceof: errors of Node's own modules may come from another realm.
  if (error === null || typeof error !== 'object' || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
