import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import { assertRecord, ownOf } from '../check-settings.js';
import type { WeightKind } from './emission.js';

/** Which weights a call of a program takes. */
export interface WeightOptions {
  /** Default `latest`; `average` takes the moving average of the parameters, when the program keeps one. */
  weights?: WeightKind;
}

/**
 * What a program has for the wanted weights.
 *
 * @throws USAGE when there are no such weights, or the program keeps no average
 */
export function withWeights<T>(kinds: Readonly<Partial<Record<WeightKind, T>>>, options: WeightOptions): T {
  assertRecord(options, 'Options are', "{ weights: 'average' }");
  const { weights = 'latest' } = options;
  const found = ownOf<T | undefined>(kinds, weights);
  if (found !== undefined) return found;
  const isKnown = (weights as unknown) === 'average';
  throw new AssayError(
    'USAGE',
    isKnown
      ? 'The program keeps no moving average of its parameters. Fix: compile it with averageDecay.'
      : `weights must be 'latest' or 'average'; got ${inspect(weights)}. Fix: name one of these, or leave it out.`,
  );
}
