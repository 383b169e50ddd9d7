interface Tolerance {
  /** Largest allowed |actual − expected|. */
  absolute?: number;
  /** Largest allowed |actual − expected| / |expected|. */
  relative?: number;
}

/**
 * Fails unless every number is within the larger of both tolerances of the expected one.
 *
 * @param tolerance default: absolute 1e-6
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance = { absolute: 1e-6 },
): void {
  if (actual.length !== expected.length)
    throw new Error(`expected ${expected.length} numbers, received ${actual.length}`);
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] ?? Number.NaN;
    const e = expected[i] ?? Number.NaN;
    const allowed = Math.max(tolerance.absolute ?? 0, (tolerance.relative ?? 0) * Math.abs(e));
    if (!(Math.abs(a - e) <= allowed) && !Object.is(a, e)) {
      throw new Error(`number ${i} is ${a}, expected ${e} ± ${allowed}`);
    }
  }
}
