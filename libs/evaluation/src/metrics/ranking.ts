import { AssayError } from '@assay/core';

/** What ranking metrics are computed from: scored records, best first, records of equal score taken together. */
export interface ScoredGroup {
  score: number;
  /** Summed weight of the positives and of all records with this score or a higher one. */
  positives: number;
  total: number;
}

/**
 * Cumulative weights by falling score. A label in (0, 1) counts as that share of a positive.
 *
 * @param scores one per record; NaN is refused
 * @param labels in [0, 1]
 * @param weights ≥ 0; a record of weight 0 is left out (an unknown label)
 * @throws SHAPE_MISMATCH when the lengths differ
 * @throws NON_FINITE when a score is not finite
 */
export function cumulate(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): ScoredGroup[] {
  if (scores.length !== labels.length || (weights !== undefined && weights.length !== scores.length)) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `Metrics: received ${scores.length} scores, ${labels.length} labels and ${weights?.length ?? scores.length} weights; expected equally many.`,
    );
  }
  const order = new Uint32Array(scores.length);
  let used = 0;
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]))
      throw new AssayError(
        'NON_FINITE',
        `Metrics: score ${i} is ${scores[i]}; every score must be a finite number.`,
      );
    if (weights === undefined || (weights[i] ?? 0) > 0) order[used++] = i;
  }
  const sorted = order.subarray(0, used).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const groups: ScoredGroup[] = [];
  let positives = 0;
  let total = 0;
  for (const i of sorted) {
    const score = scores[i] ?? 0;
    const weight = weights?.[i] ?? 1;
    positives += weight * (labels[i] ?? 0);
    total += weight;
    const last = groups.at(-1);
    if (last?.score === score) Object.assign(last, { positives, total });
    else groups.push({ score, positives, total });
  }
  return groups;
}

/**
 * Average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over falling thresholds, records of equal score together.
 *
 * @returns a number in [0, 1], or null when there is no positive record
 * @see scikit-learn `average_precision_score`
 */
export function averagePrecision(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number | null {
  const groups = cumulate(scores, labels, weights);
  const allPositives = groups.at(-1)?.positives ?? 0;
  if (allPositives === 0) return null;
  let sum = 0;
  let before = 0;
  for (const { positives, total } of groups) {
    sum += (positives - before) * (positives / total);
    before = positives;
  }
  return sum / allPositives;
}

/**
 * Area under the ROC curve: the chance that a positive record scores above a negative one, ties counting one half.
 *
 * @returns a number in [0, 1], or null when all labels are equal
 * @see scikit-learn `roc_auc_score`
 */
export function auroc(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number | null {
  const groups = cumulate(scores, labels, weights);
  const last = groups.at(-1);
  const allPositives = last?.positives ?? 0;
  const allNegatives = (last?.total ?? 0) - allPositives;
  if (allPositives <= 0 || allNegatives <= 0) return null;
  let area = 0;
  let [positivesBefore, negativesBefore] = [0, 0];
  for (const { positives, total } of groups) {
    const negatives = total - positives;
    area += (negatives - negativesBefore) * (positives + positivesBefore) * 0.5;
    [positivesBefore, negativesBefore] = [positives, negatives];
  }
  return area / (allPositives * allNegatives);
}

/** Points of the precision–recall curve by rising recall, at most `maxPoints` (≥ 2). Empty when there is no positive record. */
export function precisionRecallCurve(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
  maxPoints = 200,
): { threshold: number; precision: number; recall: number }[] {
  const groups = cumulate(scores, labels, weights);
  const allPositives = groups.at(-1)?.positives ?? 0;
  if (allPositives === 0) return [];
  const stride = Math.max(1, Math.ceil(groups.length / (maxPoints - 1)));
  return groups
    .filter((_, i) => i % stride === 0 || i === groups.length - 1)
    .map(({ score, positives, total }) => ({
      threshold: score,
      precision: positives / total,
      recall: positives / allPositives,
    }));
}
