import { AssayError } from '@assay/core';
import { describeNonFinite, type Batch } from './batch-feeds.js';
import type { StepSchedule } from './schedule-nodes.js';

/**
 * The result of a step itself, when it is finite.
 *
 * @param batches of the step, in which the cause is looked for
 * @throws NON_FINITE when the loss or the norm of the gradient is not finite
 */
export function assertFinite<R extends { loss: number; gradientNorm?: number }>(
  result: R,
  { step }: StepSchedule,
  batches: readonly Batch[],
  { wasUpdated }: { wasUpdated: boolean },
): R {
  const { loss, gradientNorm } = result;
  if (Number.isFinite(loss) && (gradientNorm === undefined || Number.isFinite(gradientNorm))) return result;
  const norm = gradientNorm === undefined ? '' : ` and a gradient of norm ${gradientNorm}`;
  const weights = wasUpdated
    ? 'the weights were updated with it, since checkFinite is off'
    : 'the weights are as before it';
  const found = batches.map(describeNonFinite).find((text) => text !== undefined);
  const [cause, fix] =
    found === undefined
      ? ['all numbers that were fed are finite', 'lower the learning rate or clip the gradient']
      : [found, 'leave such rows out, or feed a number and a mask instead'];
  throw new AssayError(
    'NON_FINITE',
    `Step ${step} gave the loss ${loss}${norm}; ${weights}; ${cause}. Fix: ${fix}.`,
    { details: { step, loss, gradientNorm } },
  );
}
