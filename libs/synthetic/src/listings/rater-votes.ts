import type { Random } from '@assay/core';

export const NUM_RATERS = 3;
/** Share of labels that nobody rated. */
export const UNKNOWN_SHARE = 0.08;
const ERROR_RATE = 0.05;
const ERROR_RATE_WHEN_HARD = 0.12;

export interface Rating {
  /** Majority of the raters; null when unknown. */
  label: 0 | 1 | null;
  /** Raters who said yes; null when unknown. */
  yes: number | null;
}

/**
 * Three raters look at one policy of one listing; each errs by chance.
 *
 * @param truth what the generator put in
 * @param hard whether the listing only looks like a violation, which misleads raters more often
 */
export function rate(truth: boolean, hard: boolean, random: Random): Rating {
  const isUnknown = random.bernoulli(UNKNOWN_SHARE);
  const errorRate = hard ? ERROR_RATE_WHEN_HARD : ERROR_RATE;
  let yes = 0;
  for (let i = 0; i < NUM_RATERS; i++) if (random.bernoulli(errorRate) !== truth) yes++;
  return isUnknown ? { label: null, yes: null } : { label: yes * 2 > NUM_RATERS ? 1 : 0, yes };
}
