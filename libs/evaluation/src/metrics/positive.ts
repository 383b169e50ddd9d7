/** Whether a label counts as a violation. A soft label, the share of raters who saw one, does from one half on. */
export const isPositive = (label: number): boolean => label >= 0.5;

/** Labels as 1 and 0. */
export const hardLabels = (labels: ArrayLike<number>): Float64Array =>
  Float64Array.from(labels, (label) => (isPositive(label) ? 1 : 0));
