/** Loss as sum and weight: those of several batches add up to the mean over all of their records. */
export interface LossSum {
  sum: number;
  weight: number;
}

export const noLoss = (): LossSum => ({ sum: 0, weight: 0 });

export const addLoss = (a: LossSum, b: LossSum): LossSum => ({
  sum: a.sum + b.sum,
  weight: a.weight + b.weight,
});

/** @returns 0 when nothing counts */
export const meanOfLoss = ({ sum, weight }: LossSum): number => (weight > 0 ? sum / weight : 0);
