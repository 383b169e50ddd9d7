import type { AxisSizes } from './axes.js';

/** factor · Π size^power over the axes of `powers`, divided by `over`. */
export interface Term {
  factor: number;
  /** By axis, from −2 to 2, never 0. */
  powers: Readonly<Record<string, number>>;
  over?: SizeExpression;
}

/** A number as a function of the sizes of the named axes: a sum of terms. */
export type SizeExpression = readonly Term[];

/** float32 has a relative rounding error of 6e-8; a value in a recording went through a few roundings. */
const RELATIVE_TOLERANCE = 2e-6;

const near = (a: number, b: number): boolean => Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.abs(b);

/** The number that does not depend on any axis, or undefined. */
export function fixedValue(expression: SizeExpression): number | undefined {
  const [only, ...others] = expression;
  return only !== undefined && others.length === 0 && isPlain(only) ? only.factor : undefined;
}

const isPlain = ({ powers, over }: Term): boolean => Object.keys(powers).length === 0 && over === undefined;

export const evaluateExpression = (expression: SizeExpression, sizes: AxisSizes): number =>
  expression.reduce((sum, { factor, powers, over }) => {
    const value = factor * productOf(powers, sizes);
    return sum + (over === undefined ? value : value / evaluateExpression(over, sizes));
  }, 0);

const productOf = (powers: Term['powers'], sizes: AxisSizes): number =>
  Object.entries(powers).reduce((product, [axis, power]) => product * (sizes[axis] ?? NaN) ** power, 1);

/** "3·B·L + 1", for messages and descriptions. */
export function describeExpression(expression: SizeExpression): string {
  return expression.map(describeTerm).join(' + ');
}

function describeTerm({ factor, powers, over }: Term): string {
  if (over !== undefined) return `${describeTerm({ factor, powers })} / (${describeExpression(over)})`;
  const factors = Object.entries(powers).map(([axis, power]) => (power === 1 ? axis : `${axis}^${power}`));
  return factor === 1 && factors.length > 0 ? factors.join('·') : [factor, ...factors].join('·');
}

/**
 * The function of the sizes that gives the observed numbers: a constant, one term like 3·B·L or 0.5 / B, or a polynomial
 * of first degree in each axis, like 2·B·L − L + 1, or 1 / such a polynomial of whole numbers. Integers must agree exactly, floats within the rounding of float32.
 *
 * @param observed one number per point
 * @param points as `recordingPoints` gives them: the corners of a grid first
 * @returns undefined when there is no such function
 */
export function explainNumber(
  observed: readonly number[],
  points: readonly AxisSizes[],
  isInteger: boolean,
): SizeExpression | undefined {
  const [first = NaN] = observed;
  if (observed.every((value) => Object.is(value, first))) return [{ factor: first, powers: {} }];
  const axes = Object.keys(points[0] ?? {});
  if (axes.length === 0) return undefined; // it changes with nothing that a graph could see
  return (
    explainTerm(observed, points, isInteger, axes) ??
    explainPolynomial(observed, points, isInteger, axes) ??
    (isInteger ? undefined : explainInverse(observed, points, axes))
  );
}

function explainTerm(
  observed: readonly number[],
  points: readonly AxisSizes[],
  isInteger: boolean,
  axes: readonly string[],
): SizeExpression | undefined {
  for (const powers of powersOf(axes, isInteger ? [0, 1, 2] : [0, 1, -1, 2, -2])) {
    const products = points.map((sizes) => productOf(powers, sizes));
    const factor = bestFactor(observed, products);
    const fits = products.every((product, i) =>
      isInteger ? factor * product === observed[i] : near(factor * product, observed[i] ?? NaN),
    );
    if (fits) return [{ factor, powers }];
  }
  return undefined;
}

/** The factor that gives most of the observed float32 numbers to the bit, a short one if there are several. */
function bestFactor(observed: readonly number[], products: readonly number[]): number {
  const raw = observed.map((value, i) => value / (products[i] ?? NaN));
  const candidates = [
    ...raw.map((factor) => Number(factor.toPrecision(6))),
    ...raw.map((factor) => Math.fround(factor)),
    ...raw,
  ];
  const exact = (factor: number): number =>
    products.filter((product, i) => Math.fround(factor * product) === observed[i]).length;
  return candidates.reduce((best, factor) => (exact(factor) > exact(best) ? factor : best));
}

/** All combinations of the powers, simplest first, without the one of zeros only. */
function powersOf(axes: readonly string[], choices: readonly number[]): Record<string, number>[] {
  let combinations: Record<string, number>[] = [{}];
  for (const axis of axes) {
    combinations = combinations.flatMap((powers) =>
      choices.map((power) => (power === 0 ? powers : { ...powers, [axis]: power })),
    );
  }
  const degree = (powers: Record<string, number>): number =>
    Object.values(powers).reduce((sum, power) => sum + Math.abs(power), 0);
  return combinations.filter((powers) => degree(powers) > 0).sort((a, b) => degree(a) - degree(b));
}

/** 1 / p, with p a polynomial of whole numbers: the mean over B·(L + 1) tokens. */
function explainInverse(
  observed: readonly number[],
  points: readonly AxisSizes[],
  axes: readonly string[],
): SizeExpression | undefined {
  const inverses = observed.map((value) => Math.round(1 / value));
  if (!inverses.every((inverse, i) => near(1 / inverse, observed[i] ?? NaN))) return undefined;
  const over = explainPolynomial(inverses, points, true, axes);
  return over === undefined ? undefined : [{ factor: 1, powers: {}, over }];
}

/** Solves for the coefficients on the grid, one axis after the other, then checks every point. */
function explainPolynomial(
  observed: readonly number[],
  points: readonly AxisSizes[],
  isInteger: boolean,
  axes: readonly string[],
): SizeExpression | undefined {
  const coefficients = observed.slice(0, 2 ** axes.length);
  axes.forEach((axis, i) => {
    const [low = NaN, high = NaN] = [points[0]?.[axis], points[2 ** i]?.[axis]];
    for (let corner = 0; corner < coefficients.length; corner++) {
      if ((corner >> i) & 1) continue;
      const [atLow = NaN, atHigh = NaN] = [coefficients[corner], coefficients[corner + 2 ** i]];
      const slope = (atHigh - atLow) / (high - low);
      coefficients[corner] = atLow - slope * low;
      coefficients[corner + 2 ** i] = slope;
    }
  });
  const scale = Math.max(...observed.map(Math.abs));
  const terms = coefficients.flatMap((factor, corner): Term[] => {
    const powers = Object.fromEntries(axes.filter((_, i) => (corner >> i) & 1).map((axis) => [axis, 1]));
    const negligible = Math.abs(factor) * productOf(powers, points.at(-2) ?? {}) < scale * 1e-6;
    return negligible && !isInteger ? [] : factor === 0 ? [] : [{ factor, powers }];
  });
  const fits = points.every((sizes, i) => {
    const value = evaluateExpression(terms, sizes);
    return isInteger ? value === observed[i] : near(value, observed[i] ?? NaN);
  });
  const whole = !isInteger || terms.every(({ factor }) => Number.isInteger(factor));
  return fits && whole ? terms : undefined;
}
