import { AssayError } from '@assay/core';
import { mixed } from './shingles.js';

/** A signature cut into bands: two texts are candidates when they agree in all rows of one band. */
export interface Bands {
  bands: number;
  rows: number;
}

/** Probability that two sets of this Jaccard similarity become candidates: 1 − (1 − Jʳ)ᵇ. */
export const candidateProbability = (jaccard: number, { bands, rows }: Bands): number =>
  1 - (1 - jaccard ** rows) ** bands;

/**
 * The bands with the most rows, and so the fewest wrong candidates, that still find pairs at the threshold with a given
 * probability.
 *
 * @param threshold smallest Jaccard similarity to find, in (0, 1]
 * @param recall in (0, 1)
 * @throws USAGE when the signature is too short for that
 * @see Leskovec, Rajaraman & Ullman 2014, "Mining of massive datasets", section 3.4
 */
export function chooseBands(threshold: number, numHashes: number, recall: number): Bands {
  if (!(threshold > 0 && threshold <= 1))
    throw new AssayError(
      'USAGE',
      `The threshold is ${threshold}; expected a number in (0, 1]. Fix: change it.`,
    );
  for (let rows = numHashes; rows >= 1; rows--) {
    const chosen = { bands: Math.floor(numHashes / rows), rows };
    if (candidateProbability(threshold, chosen) >= recall) return chosen;
  }
  throw new AssayError(
    'USAGE',
    `${numHashes} hashes cannot find pairs of similarity ${threshold} with probability ${recall}. Fix: raise the number of hashes or the threshold.`,
  );
}

/** Hash of a band of a signature. */
export function bandHash(signature: Uint32Array, band: number, rows: number): number {
  let hash = band;
  for (let row = band * rows; row < (band + 1) * rows; row++)
    hash = mixed(Math.imul(hash, 0x9e3779b1) ^ (signature[row] ?? 0));
  return hash;
}
