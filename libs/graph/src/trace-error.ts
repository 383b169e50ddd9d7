import { AssayError } from '@assay/core';
import { describeSizes, type AxisSizes } from './axes.js';
import { isFromEngine, opOf, originOf, type Stack } from './origin.js';

/** How tfjs says that an op has no gradient. */
const NO_GRADIENT = /gradient function not found for (\w+)/;

/** Whole words: names of ops have such parts too, like CropAndResize. */
const ABOUT_SHAPES =
  /\b(shapes?|ranks?|dim(ension)?s?|\d+-D|sizes?|ax[ei]s|broadcast\w*|lengths?|begin|values)\b/i;

/**
 * What a traced function threw, with the place in it and the sizes of that run, which nobody chose. Errors of tfjs and the
 * engine get a code and the op; errors of the function itself stay what they are.
 */
export function asTraceError(error: unknown, sizes: AxisSizes): unknown {
  const traced =
    Object.keys(sizes).length === 0 ? '' : ` The function was traced with ${describeSizes(sizes)}.`;
  if (error instanceof AssayError) {
    if (error.code !== 'SHAPE_MISMATCH') return error;
    const { code, details, message } = error;
    const origin = originOf(error);
    const called = origin === '' ? '' : ` Called${origin}.`;
    return new AssayError(code, `${message}${called}${traced}`, { cause: error, details });
  }
  if (!hasStack(error) || !isFromEngine(error)) return error;
  const reason = error.message.replace(/^Invalid TF_Status.*\s*Message: /, '').trim();
  const op = opOf(error) ?? 'An op';
  const missing = NO_GRADIENT.exec(reason)?.[1];
  if (missing !== undefined)
    return new AssayError(
      'TRACE_UNSUPPORTED',
      `The op '${missing}' has no gradient${originOf(error)}, and what is trained, or differentiated, goes through it. Fix: use another op there, or keep it to tensors that depend on no parameter.`,
      { cause: error },
    );
  return new AssayError(
    ABOUT_SHAPES.test(reason) ? 'SHAPE_MISMATCH' : 'TRACE_UNSUPPORTED',
    `${op}${originOf(error)} failed: ${reason.replace(/\.$/, '')}.${traced} Fix: give the op tensors that fit each other.`,
    { cause: error },
  );
}

// Not by instanceof: errors of the engine may come from another realm.
const hasStack = (error: unknown): error is Stack & { message: string } =>
  typeof error === 'object' &&
  error !== null &&
  'stack' in error &&
  'message' in error &&
  typeof error.message === 'string';
