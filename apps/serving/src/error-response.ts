import { AssayError, ERROR_CODES, systemCodeOf } from '@assay/core';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Seconds after which a refused caller may try again. */
const RETRY_AFTER_SECONDS = 1;
const BAD_ADDRESS_CODES: readonly string[] = ['FST_ERR_BAD_URL', 'FST_ERR_MAX_PARAM_LENGTH'];

/** Answers every error with `{ error, code }`; nothing of the request is repeated, and unknown errors are only logged. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = asAssayError(error);
  // An open connection lets Node throw away the rest of the body, so that the caller can read the answer.
  reply.removeHeader('connection');
  const status =
    known.code === 'REQUEST_INVALID' ? (clientStatusOf(error) ?? known.httpStatus) : known.httpStatus;
  if (status < 500 || known.retryable) return sendError(reply, known, status);
  request.log.error({ err: error, code: known.code }, 'request failed');
  return sendError(reply, new AssayError(known.code, 'The service failed; its log has the reason.'), status);
}

function sendError(reply: FastifyReply, error: AssayError, status: number): FastifyReply {
  if (ERROR_CODES[error.code].retry) reply.header('retry-after', RETRY_AFTER_SECONDS);
  return reply.code(status).send({ error: error.message, code: error.code });
}

/** Errors of the framework become ours; the text of a JSON error is dropped because it repeats the body. */
function asAssayError(error: unknown): AssayError {
  if (error instanceof AssayError) return error;
  const status = clientStatusOf(error);
  if (status === 413) {
    return new AssayError(
      'REQUEST_TOO_LARGE',
      'The request body is larger than this service accepts. Fix: send fewer or smaller images.',
      { cause: error },
    );
  }
  if (status === 415) {
    return new AssayError('REQUEST_INVALID', 'The content type is not application/json.', { cause: error });
  }
  if (BAD_ADDRESS_CODES.includes(systemCodeOf(error) ?? '')) {
    return new AssayError('REQUEST_INVALID', 'The address of the request is not valid.', { cause: error });
  }
  if (status !== undefined) {
    return new AssayError('REQUEST_INVALID', 'The request body is not valid JSON.', { cause: error });
  }
  return new AssayError('INTERNAL', 'An unexpected error.', { cause: error });
}

function clientStatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number')
    return undefined;
  return error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : undefined;
}
