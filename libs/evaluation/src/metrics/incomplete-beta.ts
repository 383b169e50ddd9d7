const MAX_TERMS = 10_000;
const MAX_STEPS = 200;
const TINY = 1e-300;

/**
 * Logarithm of Γ(x) by Stirling's series, exact to 1e-13 and better.
 *
 * @param x > 0; small x are raised by Γ(x) = Γ(x + 1) / x first
 * @see Abramowitz & Stegun 6.1.41
 */
export function logGamma(x: number): number {
  if (x < 20) return logGamma(x + 1) - Math.log(x);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/**
 * Regularised incomplete beta function I_x(a, b): the distribution function of Beta(a, b).
 *
 * @param x in [0, 1]
 * @param a > 0
 * @param b > 0
 * @see NIST Digital Library of Mathematical Functions 8.17.22, by the modified Lentz algorithm
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  return incompleteBetaAt(x, a, b, logBeta(a, b));
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** @param logB `logBeta(a, b)`, which takes longer than the rest */
function incompleteBetaAt(x: number, a: number, b: number, logB: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logB);
  // The continued fraction converges fast on this side of the mean; on the other the complement does.
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    product *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    product *= c * d;
    if (Math.abs(c * d - 1) <= 2 * Number.EPSILON) break;
  }
  return product;
}

const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/**
 * The x at which I_x(a, b) is `probability`, by Newton's method; where a step leaves the bracket, it is halved instead.
 *
 * @param probability in (0, 1)
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  const logB = logBeta(a, b);
  let [low, high, x] = [0, 1, a / (a + b)];
  for (let step = 0; step < MAX_STEPS; step++) {
    const error = incompleteBetaAt(x, a, b, logB) - probability;
    if (error < 0) low = x;
    else high = x;
    const density = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logB);
    const newton = x - error / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 2 * Number.EPSILON * x) return next;
    x = next;
  }
  return x;
}

/**
 * Quantile of Student's t: T² / (ν + T²) of |T| is distributed as Beta(1/2, ν/2).
 *
 * @param probability in (0.5, 1)
 * @param degreesOfFreedom ν ≥ 0.5; need not be whole
 * @see Abramowitz & Stegun 26.7.1
 */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  const y = betaQuantile(2 * probability - 1, 0.5, degreesOfFreedom / 2);
  return Math.sqrt((degreesOfFreedom * y) / (1 - y));
}
