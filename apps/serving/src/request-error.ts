import { nearest } from '@assay/config';
import { AssayError } from '@assay/core';
import type { z } from 'zod';

/**
 * Makes REQUEST_INVALID of a failed parse: each problem with its path, unknown fields with the nearest known one.
 * Values of the request are never repeated; the name of an unknown field only when it looks like a name.
 *
 * @param keysAt the known fields of the object at a path
 */
export function requestError(
  error: z.ZodError,
  keysAt: (path: readonly string[]) => readonly string[],
): AssayError {
  const problems = error.issues.slice(0, 5).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [`${pathText(path)}: ${issue.message}`];
    return issue.keys.slice(0, 5).map((key) => describeUnknown(path, key, keysAt(path)));
  });
  const more = error.issues.length > 5 ? ` (and ${error.issues.length - 5} more)` : '';
  return new AssayError('REQUEST_INVALID', `${problems.join('; ')}${more}`, { details: { problems } });
}

/** REQUEST_INVALID of a request that follows its schema and yet cannot be answered: HTTP 422 in place of 400. */
export function unprocessable(message: string): AssayError {
  return Object.assign(new AssayError('REQUEST_INVALID', message), { statusCode: 422 });
}

function describeUnknown(path: readonly string[], key: string, known: readonly string[]): string {
  const shown = /^[\w.-]{1,64}$/.test(key) ? `'${pathText([...path, key])}'` : `in ${pathText(path)}`;
  const guess = nearest(key.slice(0, 64), known);
  if (guess !== undefined) return `unknown field ${shown}; did you mean '${guess}'?`;
  return `unknown field ${shown}; known: ${known.join(', ') || 'none'}`;
}

/** `listings[2].text.title`. */
function pathText(path: readonly string[]): string {
  if (path.length === 0) return 'the body';
  return path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}
