/** Labels of a batch as the loader gives them, all row-major over B and K. */
export interface LabelArrays {
  /** Probability of each class, in [0, 1]. */
  label_BK: Float32Array;
  /** 1 where the label is known, else 0. */
  labelKnown_BK: Float32Array;
  /** Weight of each record, ≥ 0. */
  weight_B: Float32Array;
}

export type LabelKind = 'multi-label' | 'multi-class';

/**
 * Weight of every element of the loss. An unknown label has weight 0.
 *
 * @param classWeight_K multi-label: weight of a positive relative to a negative; multi-class: weight of the class
 * @returns weight_BK, row-major
 */
export function elementWeights(
  kind: LabelKind,
  labels: LabelArrays,
  classWeight_K: readonly number[],
): Float32Array {
  const numClasses = classWeight_K.length;
  return labels.labelKnown_BK.map((known, i) => {
    const classWeight = classWeight_K[i % numClasses] ?? 1;
    const label = labels.label_BK[i] ?? 0;
    const weight = labels.weight_B[Math.floor(i / numClasses)] ?? 0;
    return known * weight * (kind === 'multi-label' ? label * classWeight + (1 - label) : classWeight);
  });
}

/** How many labels of a class are known, and the sum of their positive shares. */
export interface ClassCount {
  known: number;
  positive: number;
}

/**
 * Class weights that let every class, and both sides of a yes/no question, count the same in the loss.
 *
 * @returns classWeight_K: multi-label (known − positive) / positive; multi-class known / (K · positive)
 */
export function balancedClassWeights(kind: LabelKind, counts: readonly ClassCount[]): number[] {
  return counts.map(({ known, positive }) => {
    if (positive <= 0 || positive >= known) return 1;
    return kind === 'multi-label' ? (known - positive) / positive : known / (counts.length * positive);
  });
}
