/** Weighted counts of a yes/no decision. */
export interface Confusion {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
}

/** Counts at a threshold: a score of at least `threshold` is a yes. A soft label counts partly on both sides. */
export function confusionAt(
  threshold: number,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Confusion {
  const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  for (let i = 0; i < scores.length; i++) {
    const weight = weights?.[i] ?? 1;
    const positive = weight * (labels[i] ?? 0);
    const negative = weight - positive;
    if ((scores[i] ?? 0) >= threshold) {
      counts.truePositives += positive;
      counts.falsePositives += negative;
    } else {
      counts.falseNegatives += positive;
      counts.trueNegatives += negative;
    }
  }
  return counts;
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** Precision, recall and F1 of counts; null where the denominator is zero. */
export function precisionRecallF1({ truePositives, falsePositives, falseNegatives }: Confusion): {
  precision: number | null;
  recall: number | null;
  f1: number | null;
} {
  return {
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}
