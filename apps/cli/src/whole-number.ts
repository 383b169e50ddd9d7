import { AssayError } from '@assay/core';

/**
 * A check of a numeric option, for yargs' `coerce`.
 *
 * @throws USAGE when the value is not a whole number in [min, max]
 */
export function wholeNumber(
  option: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): (value: number) => number {
  return (value) => {
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new AssayError('USAGE', `--${option} must be a whole number ${range}, not ${value}.`);
  };
}
