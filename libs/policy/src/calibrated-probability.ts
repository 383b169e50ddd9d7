/**
 * Probabilities of a record from its logits, after temperature scaling.
 *
 * @param logit_K one logit per policy or class
 * @param temperatures one per policy; for `multi-class` the first is used for all
 * @returns probabilities in [0, 1]: sigmoid(logit / temperature) for multi-label, softmax for multi-class
 * @see Guo et al. 2017, "On calibration of modern neural networks"
 */
export function calibratedProbability(
  logit_K: ArrayLike<number>,
  kind: 'multi-label' | 'multi-class',
  temperatures: readonly number[],
): Float64Array {
  const scaled = Float64Array.from(
    logit_K,
    (logit, k) => logit / (temperatures[kind === 'multi-class' ? 0 : k] ?? 1),
  );
  return kind === 'multi-label' ? scaled.map(sigmoid) : softmax(scaled);
}

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

function softmax(logits: Float64Array): Float64Array {
  const largest = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - largest));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}
