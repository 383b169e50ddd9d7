/** What is known after an epoch. It holds no times, so that equal runs give equal files. */
export interface EpochLog {
  /** From 1. */
  epoch: number;
  /** Of the whole model, like `validationLoss`; mean over the epoch's records, each before its step and with dropout on. */
  trainLoss: number;
  validationLoss: number;
  /** Validation average precision by policy or class, in [0, 1]; null where the split has no positive or no negative. */
  averagePrecision: Record<string, number | null>;
  /** Unweighted mean of the known ones; null when there is none. */
  meanAveragePrecision: number | null;
  /** Learning rate of the epoch's last step. */
  lr: number;
}

/** Mean of the figures that are known, or null. */
export function meanOfKnown(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((sum, figure) => sum + figure, 0) / known.length;
}

/** The figures of an epoch in one line for people. */
export function describeEpoch({
  trainLoss,
  validationLoss,
  averagePrecision,
  meanAveragePrecision,
  lr,
}: EpochLog): string {
  const shown = (figure: number | null): string => figure?.toFixed(3) ?? '–';
  const classes = Object.entries(averagePrecision).map(([name, figure]) => `${name} ${shown(figure)}`);
  return `loss ${trainLoss.toFixed(4)}, validation loss ${validationLoss.toFixed(4)}, AP ${shown(meanAveragePrecision)} (${classes.join(', ')}), lr ${lr.toExponential(1)}`;
}
