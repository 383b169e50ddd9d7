interface Schedule {
  /** Highest rate. */
  peak: number;
  totalSteps: number;
  /** Share of all steps in which the rate rises, in [0, 1]. */
  warmupFraction: number;
}

/**
 * Linear warm-up to the peak, then half a cosine down to zero.
 *
 * @param step from 0 to totalSteps − 1
 * @returns rate of that step, > 0: the warm-up starts at peak / warm-up steps and the cosine never quite ends
 * @see Loshchilov and Hutter 2017, "SGDR", without restarts
 */
export function learningRateAt(step: number, { peak, totalSteps, warmupFraction }: Schedule): number {
  const warmupSteps = Math.round(totalSteps * warmupFraction);
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  return (peak * (1 + Math.cos(Math.PI * progress))) / 2;
}
