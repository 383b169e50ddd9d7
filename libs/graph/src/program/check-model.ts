import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import type { ModelDefinition } from './model-definition.js';

/** Prefixes of variables that a program makes itself. */
const RESERVED = /^(optimizer|average|accumulated)\/|^#/;

/**
 * Checks the declarations of a model.
 *
 * @throws TRACE_UNSUPPORTED when a name is used twice or reserved
 * @throws USAGE when a start value is none
 * @throws SHAPE_MISMATCH when a length is not a positive integer, or bytes have no fixed length
 */
export function checkSpecs({ parameters, state = {}, inputs, targets = {} }: ModelDefinition): void {
  const parts = { parameters, state, inputs, targets };
  const seen = new Map<string, string>();
  for (const [part, specs] of Object.entries(parts)) {
    for (const name of Object.keys(specs)) {
      const other = seen.get(name);
      if (other !== undefined)
        throw invalidName(name, `is declared under ${other} and under ${part}`, 'rename one of them');
      if (RESERVED.test(name))
        throw invalidName(name, 'starts with a word that programs use themselves', 'rename it');
      seen.set(name, part);
    }
  }
  for (const [name, { shape, init }] of Object.entries({ ...parameters, ...state })) {
    assertLengths(name, shape);
    assertInit(name, init);
  }
  for (const [name, { shape }] of Object.entries({ ...inputs, ...targets }))
    assertLengths(
      name,
      shape.filter((length) => typeof length === 'number'),
    );
}

const NAMED_INITS = ['zeros', 'ones', 'glorotUniform', 'heNormal'];

/** @param init from anywhere: types do not hold for JavaScript */
function assertInit(name: string, init: unknown): void {
  if (typeof init === 'string' && NAMED_INITS.includes(init)) return;
  const [[key, value] = ['', undefined], ...others] = Object.entries(init ?? {});
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (typeof init === 'object' && others.length === 0 && isNumber && (key === 'normal' || key === 'value'))
    return;
  throw new AssayError(
    'USAGE',
    `'${name}' starts as ${inspect(init)}; expected ${NAMED_INITS.join(', ')}, { normal: deviation } or { value: number }. Fix: name one of these.`,
  );
}

function assertLengths(name: string, shape: readonly number[]): void {
  if (shape.every((length) => Number.isInteger(length) && length > 0)) return;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `'${name}' has the shape [${shape.join(', ')}]; every length must be a positive integer or the name of an axis. Fix: give the real lengths.`,
  );
}

const invalidName = (name: string, what: string, fix: string): AssayError =>
  new AssayError('TRACE_UNSUPPORTED', `The name '${name}' ${what}. Fix: ${fix}.`);
