/** Probabilities are moved this far from 0 and 1, so that one sure mistake does not make the loss infinite. */
const CLIP = 1e-15;

/** Mean of −[y log p + (1 − y) log(1 − p)], weighted; null without records. */
export function logLoss(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number | null {
  return weightedMean(probabilities.length, weights, (i) => {
    const p = Math.min(1 - CLIP, Math.max(CLIP, probabilities[i] ?? 0));
    const y = labels[i] ?? 0;
    return -(y * Math.log(p) + (1 - y) * Math.log(1 - p));
  });
}

/** Mean of (p − y)², weighted; null without records. */
export function brierScore(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number | null {
  return weightedMean(
    probabilities.length,
    weights,
    (i) => ((probabilities[i] ?? 0) - (labels[i] ?? 0)) ** 2,
  );
}

function weightedMean(
  n: number,
  weights: ArrayLike<number> | undefined,
  valueOf: (i: number) => number,
): number | null {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const weight = weights?.[i] ?? 1;
    if (weight === 0) continue;
    sum += weight * valueOf(i);
    total += weight;
  }
  return total > 0 ? sum / total : null;
}
