import { confusionAt, precisionRecallF1 } from './at-threshold.js';

export interface MultiClassFigures {
  accuracy: number;
  /** Unweighted mean of the F1 of every class that occurs or is predicted. */
  macroF1: number;
  /** Recall by class, in the order of the axis K; null for a class that does not occur. */
  recall_K: (number | null)[];
}

/**
 * Accuracy, macro-F1 and recall of choosing the most probable class.
 *
 * @param probability_NK row-major
 * @param class_N true class of each record, as an index on K
 * @returns null without records
 * @see scikit-learn `f1_score(average='macro')`
 */
export function multiClassFigures(
  probability_NK: ArrayLike<number>,
  class_N: ArrayLike<number>,
  numClasses: number,
): MultiClassFigures | null {
  const n = class_N.length;
  if (n === 0) return null;
  const predicted = Array.from({ length: n }, (_, i) => argMax(probability_NK, i * numClasses, numClasses));
  const truth = Array.from(class_N);
  const figures = Array.from({ length: numClasses }, (_, k) => {
    const is = (classes: number[]): number[] => classes.map((c) => (c === k ? 1 : 0));
    return precisionRecallF1(confusionAt(1, is(predicted), is(truth)));
  });
  const scored = figures.filter((_, k) => truth.includes(k) || predicted.includes(k));
  return {
    accuracy: truth.filter((c, i) => c === predicted[i]).length / n,
    macroF1: scored.reduce((sum, { f1 }) => sum + (f1 ?? 0), 0) / scored.length,
    recall_K: figures.map(({ recall }) => recall),
  };
}

/** Index of the largest of `length` values from `start`; the first of equals. */
export function argMax(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let k = 1; k < length; k++) if ((values[start + k] ?? 0) > (values[start + best] ?? 0)) best = k;
  return best;
}
