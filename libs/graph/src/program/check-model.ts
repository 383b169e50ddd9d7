import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import {
  ANYTHING,
  BOOLEAN,
  checkSettings,
  FUNCTION,
  numberThat,
  RECORD,
  TEXT,
  type Rule,
} from '../check-settings.js';
import type { InputSpec, ModelDefinition, ParameterSpec, StateSpec } from './model-definition.js';

/** Prefixes of variables that a program makes itself. */
const RESERVED = /^(optimizer|average|accumulated)\/|^#/;

/**
 * Checks the declarations of a model.
 *
 * @returns its parts, whatever the model is made of: an instance of a class may have getters, and fields of its own
 * @throws TRACE_UNSUPPORTED when a name is used twice or reserved
 * @throws USAGE when a part or a setting is missing, unknown or of another type, or a start value is none
 * @throws SHAPE_MISMATCH when a length is not a positive integer, or bytes have no fixed length
 */
export function checkSpecs(given: ModelDefinition): ModelDefinition {
  const model = partsOf(given);
  const { parameters, state = {}, inputs, targets = {} } = model;
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
  for (const [part, specs] of Object.entries(parts))
    for (const [name, spec] of Object.entries<object>(specs))
      assertSpec(part as keyof typeof parts, name, spec);
  for (const [name, { shape, init }] of Object.entries({ ...parameters, ...state })) {
    assertLengths(name, shape);
    assertInit(name, init);
  }
  for (const [name, { shape }] of Object.entries({ ...inputs, ...targets }))
    assertLengths(
      name,
      shape.filter((length) => length !== null && (typeof length !== 'string' || length === '')),
    );
  return model;
}

const PARTS: Readonly<Record<keyof ModelDefinition, Rule>> = {
  parameters: RECORD,
  state: RECORD,
  inputs: RECORD,
  targets: RECORD,
  loss: FUNCTION,
  predict: FUNCTION,
};

const SHAPE: Rule = {
  fits: Array.isArray,
  expected: 'an array of lengths',
};
const TENSOR: Readonly<Record<keyof StateSpec, Rule>> = { shape: SHAPE, init: ANYTHING };
const PARAMETER: Readonly<Record<keyof ParameterSpec, Rule>> = {
  ...TENSOR,
  decay: BOOLEAN,
  group: TEXT,
  sparse: BOOLEAN,
};
const DTYPES: readonly unknown[] = ['float32', 'int32', 'uint8'];
const INPUT: Readonly<Record<keyof InputSpec, Rule>> = {
  dtype: { fits: (dtype) => DTYPES.includes(dtype), expected: "'float32', 'int32' or 'uint8'" },
  shape: SHAPE,
  below: numberThat((x) => Number.isInteger(x) && x > 0, 'a positive integer'),
};
const SPECS = {
  parameters: { rules: PARAMETER, noun: 'parameter', needs: ['shape', 'init'] },
  state: { rules: TENSOR, noun: 'state', needs: ['shape', 'init'] },
  inputs: { rules: INPUT, noun: 'input', needs: ['dtype', 'shape'] },
  targets: { rules: INPUT, noun: 'target', needs: ['dtype', 'shape'] },
} as const;

/** The parts of a model; what else an instance of a class has is its own affair. */
function partsOf(model: ModelDefinition): ModelDefinition {
  if (!RECORD.fits(model))
    throw new AssayError('USAGE', `A model is an object; got ${inspect(model)}. Fix: pass its parts.`);
  const names = Object.keys(PARTS) as (keyof ModelDefinition)[]; // its keys
  const parts = Object.fromEntries(
    names.map((name) => [name, boundPart(model, name)]),
  ) as unknown as ModelDefinition; // checked below
  const owner = { noun: 'part', of: ' of a model', prefix: "The model's " };
  checkSettings(isPlain(model) ? { ...model, ...parts } : parts, PARTS, owner);
  for (const part of ['parameters', 'inputs', 'loss'] as const) {
    const value: unknown = Reflect.get(parts, part);
    if (value !== undefined) continue;
    throw new AssayError(
      'USAGE',
      `The model's ${part} must be ${PARTS[part].expected}; got ${inspect(value)}. Fix: give the model its ${part}.`,
    );
  }
  return parts;
}

/** Of any realm. */
function isPlain(model: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(model);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A part of a model, whatever it is; functions keep their `this`. */
function boundPart(model: ModelDefinition, name: keyof ModelDefinition): unknown {
  const part: unknown = Reflect.get(model, name);
  return typeof part === 'function' ? (part.bind(model) as unknown) : part;
}

function assertSpec(part: keyof typeof SPECS, name: string, spec: object): void {
  const { rules, noun, needs } = SPECS[part];
  if (!RECORD.fits(spec))
    throw new AssayError(
      'USAGE',
      `The ${noun} '${name}' is declared as ${inspect(spec)}. Fix: declare it as { ${needs.join(', ')} }.`,
    );
  const settings = new Map<string, unknown>(Object.entries(spec));
  const missing = needs.find((setting) => settings.get(setting) === undefined);
  if (missing !== undefined && missing !== 'init')
    // a start value has a message of its own
    throw new AssayError('USAGE', `The ${noun} '${name}' has no ${missing}. Fix: declare its ${missing}.`);
  checkSettings(spec, rules, { noun: 'setting', of: ` of the ${noun} '${name}'`, prefix: `Of '${name}', ` });
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

/** @param shape from anywhere */
function assertLengths(name: string, shape: readonly unknown[]): void {
  if (shape.every((length) => Number.isInteger(length) && Number(length) > 0)) return;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `'${name}' has the shape [${shape.map((length) => inspect(length)).join(', ')}]; every length must be a positive integer or the name of an axis. Fix: give the real lengths.`,
  );
}

const invalidName = (name: string, what: string, fix: string): AssayError =>
  new AssayError('TRACE_UNSUPPORTED', `The name '${name}' ${what}. Fix: ${fix}.`);
