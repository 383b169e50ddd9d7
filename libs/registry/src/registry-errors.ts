import { AssayError } from '@assay/core';
import { MlflowError } from 'mlflow-client-ts';

const MISSING = new Set(['RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND']);

/**
 * Runs calls of the MLflow client and turns its errors into ours; every other error passes as it is.
 *
 * @param what the operation in words, for the message: `pull models:/listings@champion`
 * @throws MLFLOW_UNREACHABLE when the server did not answer
 * @throws MODEL_NOT_FOUND when the server has no such model, version, alias or run
 * @throws MLFLOW_REJECTED when the server refused, or answered with something else than MLflow answers
 * @throws USAGE when an argument cannot be sent
 */
export async function talkingToMlflow<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    // A file of this machine that cannot be written is nothing that the server did.
    throw error instanceof MlflowError && error.kind !== 'file' ? asRegistryError(error, what) : error;
  }
}

/** @see talkingToMlflow */
export function asRegistryError(error: MlflowError, what: string): AssayError {
  const options = { cause: error, details: { status: error.status, errorCode: error.errorCode } };
  const said = error.message.replace(/\.+$/, ''); // ours go on after it
  if (error.kind === 'unreachable') {
    return new AssayError(
      'MLFLOW_UNREACHABLE',
      `Could not ${what}: the MLflow server does not answer (${said}). Fix: start it, or correct MLFLOW_TRACKING_URI.`,
      options,
    );
  }
  if (isMissing(error)) {
    return new AssayError(
      'MODEL_NOT_FOUND',
      `Could not ${what}: ${said}. Fix: check the name, version or alias; publish and promote the model first.`,
      options,
    );
  }
  if (error.kind === 'invalid-argument')
    return new AssayError('USAGE', `Could not ${what}, and nothing was sent: ${error.message}`, options);
  const did = error.kind === 'http' ? 'refused' : 'did not answer as MLflow does';
  return new AssayError('MLFLOW_REJECTED', `Could not ${what}: the server ${did} (${said}).`, options);
}

/** A missing alias is answered as INVALID_PARAMETER_VALUE; only its message tells. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof MlflowError)) return false;
  if (error.errorCode !== undefined && MISSING.has(error.errorCode)) return true;
  return error.errorCode === 'INVALID_PARAMETER_VALUE' && /alias .*not found/i.test(error.message);
}

/** Whether a create-only call found the thing there already. */
export function isExisting(error: unknown): boolean {
  return error instanceof MlflowError && error.errorCode === 'RESOURCE_ALREADY_EXISTS';
}
