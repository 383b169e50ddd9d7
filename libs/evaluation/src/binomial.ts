import { logGamma } from './metrics/incomplete-beta.js';

/** Logarithm of n!, small n by the product itself. */
function logFactorial(n: number): number {
  if (n >= 20) return logGamma(n + 1);
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return Math.log(product);
}

/**
 * P(X ≥ k) for X ~ Binomial(n, p): the chance of at least k successes, summed term by term.
 *
 * @param k 0 … n
 * @param p in (0, 1)
 */
export function binomialUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  const upper = k > n * p;
  // Sum the shorter, smaller side, from its largest term outwards.
  const from = upper ? k : k - 1;
  let term = Math.exp(
    logFactorial(n) -
      logFactorial(from) -
      logFactorial(n - from) +
      from * Math.log(p) +
      (n - from) * Math.log1p(-p),
  );
  let sum = 0;
  for (let i = from; i >= 0 && i <= n && term > sum * 1e-18; i += upper ? 1 : -1) {
    sum += term;
    term *= upper ? ((n - i) / (i + 1)) * (p / (1 - p)) : (i / (n - i + 1)) * ((1 - p) / p);
  }
  return Math.min(1, upper ? sum : 1 - sum);
}
