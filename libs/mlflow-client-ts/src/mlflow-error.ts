/** What went wrong, coarsely. */
export type MlflowErrorKind =
  /** No answer came: refused, reset, timed out, or the deadline passed. */
  | 'unreachable'
  /** The server answered with an error. */
  | 'http'
  /** The server answered with something that is not what the API promises. */
  | 'invalid-response'
  /** The call was refused before anything was sent. */
  | 'invalid-argument'
  /** A file of this machine could not be read or written; `cause` is the error of the system. */
  | 'file';

interface MlflowErrorOptions {
  kind: MlflowErrorKind;
  status?: number | undefined;
  errorCode?: string | undefined;
  attempts?: number;
  cause?: unknown;
}

/** The one error of this client. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';
  readonly kind: MlflowErrorKind;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** MLflow's own code, e.g. `RESOURCE_DOES_NOT_EXIST`. */
  readonly errorCode: string | undefined;
  /** How often the request was sent. */
  readonly attempts: number;

  constructor(message: string, { kind, status, errorCode, attempts = 1, cause }: MlflowErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.status = status;
    this.errorCode = errorCode;
    this.attempts = attempts;
  }
}

/** Refuses an argument before anything is sent. */
export function refuse(message: string): never {
  throw new MlflowError(message, { kind: 'invalid-argument', attempts: 0 });
}
