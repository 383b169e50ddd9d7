import { inspect } from 'node:util';
import { AssayError, nearest } from '@assay/core';

/** What a setting that is given must be like. */
export interface Rule {
  fits: (value: unknown) => boolean;
  expected: string;
}

/** Whose settings they are, in the words of the messages. */
interface Owner {
  /** What a setting is called: `option`. */
  noun: string;
  /** Follows its name: ` of the optimiser adam`. */
  of?: string;
  /** Begins a message about its value: `The optimiser's `. */
  prefix?: string;
}

export const numberThat = (fits: (value: number) => boolean, expected: string): Rule => ({
  fits: (value) => typeof value === 'number' && fits(value),
  expected,
});

export const BOOLEAN: Rule = { fits: (value) => typeof value === 'boolean', expected: 'true or false' };
export const TEXT: Rule = { fits: (value) => typeof value === 'string', expected: 'a text' };
export const FUNCTION: Rule = { fits: (value) => typeof value === 'function', expected: 'a function' };
export const RECORD: Rule = {
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  expected: 'an object with names as keys',
};
/** For what is checked elsewhere. */
export const ANYTHING: Rule = { fits: () => true, expected: 'anything' };

/**
 * Checks what types do not: settings come from JSON, YAML and JavaScript, too. One that is undefined counts as left out.
 *
 * @param rules every setting that there is
 * @throws USAGE when there is no such setting, or its value does not fit
 */
export function checkSettings(
  given: object,
  rules: Readonly<Record<string, Rule>>,
  { noun, of = '', prefix = '' }: Owner,
): void {
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw unknownName(noun, name, Object.keys(rules), of);
    if (rule.fits(value)) continue;
    throw new AssayError(
      'USAGE',
      `${prefix}${name} must be ${rule.expected}; got ${inspect(value)}. Fix: change it, or leave it out.`,
    );
  }
}

/**
 * @param what begins the message: `A step needs`
 * @param example of what was expected
 * @throws USAGE when a value is no object with names as keys
 */
export function assertRecord(value: unknown, what: string, example: string): void {
  if (RECORD.fits(value)) return;
  throw new AssayError('USAGE', `${what} ${example}; got ${inspect(value)}. Fix: pass such an object.`);
}

/** As `assertRecord`, for arrays. */
export function assertArray(value: unknown, what: string, example: string): void {
  if (Array.isArray(value)) return;
  throw new AssayError(
    'USAGE',
    `${what} ${example}; got ${inspect(value, { depth: 0 })}. Fix: pass an array.`,
  );
}

/** @throws USAGE when what should be the path of a folder is no text */
export function assertPath(dir: unknown): void {
  if (TEXT.fits(dir)) return;
  throw new AssayError('USAGE', `A folder is named by its path; got ${inspect(dir)}. Fix: pass a text.`);
}

/** The own member of an object, not what every object has, like `toString`. */
export const ownOf = <T>(object: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** Names in a message. */
const SHOWN = 20;

/** An error about a name that there is not: "There is no option 'sed'; there are seed, xla." @param otherwise follows the fix */
export function unknownName(
  noun: string,
  name: string,
  known: readonly string[],
  of = '',
  otherwise = '',
): AssayError {
  const guess = nearest(name, known);
  return new AssayError(
    'USAGE',
    `There is no ${noun} '${name}'${of}; there ${known.length === 1 ? 'is' : 'are'} ${listed(known)}. Fix: name ${guess === undefined ? 'one of these' : `'${guess}', if that was meant`}${otherwise}.`,
  );
}

/** The first names of a list. */
export const listed = (names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`;
