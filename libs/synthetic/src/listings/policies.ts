export const POLICIES = ['weapons', 'counterfeit', 'unsafe_claim'] as const;
export type Policy = (typeof POLICIES)[number];

/** Where a violation shows. For `counterfeit`, `image+text` means that neither alone does. */
export type Carrier = 'image' | 'text' | 'image+text';

/** Share of listings that break a policy, before label noise. */
export const PREVALENCE = 0.14;

/** From this fraction of the period on, new phrases and new image styles appear. */
export const DRIFT_START = 0.7;

/** Share of violations in a new style: none before DRIFT_START, then rising from 0.05 to 0.2. */
export function lateStyleShare(time: number): number {
  return time < DRIFT_START ? 0 : 0.05 + (0.15 * (time - DRIFT_START)) / (1 - DRIFT_START);
}
