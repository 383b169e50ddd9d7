import { AssayError } from '@assay/core';

interface WholeNumberOption {
  name: string;
  min: number;
  max?: number;
  default?: number;
  describe: string;
}

/**
 * A yargs option that takes a whole number in [min, max]. It is read as text, since yargs makes NaN of what is no number,
 * and the message could not say what was given.
 */
export function wholeNumberOption({ name, min, max, default: fallback, describe }: WholeNumberOption): {
  type: 'string';
  requiresArg: true;
  default: number | undefined;
  coerce: (value: unknown) => number | undefined;
  describe: string;
} {
  const coerce = (value: unknown): number | undefined =>
    value === undefined ? undefined : wholeNumber(value, { name, min, max });
  return { type: 'string', requiresArg: true, default: fallback, coerce, describe };
}

/** @throws USAGE when the value is not a whole number in [min, max] */
function wholeNumber(
  value: unknown,
  { name, min, max = Number.MAX_SAFE_INTEGER }: Pick<WholeNumberOption, 'name' | 'min' | 'max'>,
): number {
  const text = String(value); // a default is a number, an option that is given twice a list
  const number = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(number) && number >= min && number <= max) return number;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new AssayError('USAGE', `--${name} must be a whole number ${range}, not ${text}.`);
}
