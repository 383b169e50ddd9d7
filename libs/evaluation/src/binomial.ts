/**
 * Logarithm of n! by Stirling's series, exact to 1e-13 and better; small n by the product itself.
 *
 * @see Abramowitz & Stegun 6.1.41
 */
function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
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
