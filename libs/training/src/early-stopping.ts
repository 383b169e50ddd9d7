import type { TrainConfig } from '@assay/config';
import { AssayError } from '@assay/core';
import type { EpochLog } from './epoch-log.js';

type Rule = Pick<TrainConfig, 'monitor' | 'patience'>;

/**
 * The epoch whose weights are kept. Equal figures keep the earlier one.
 *
 * @returns epoch number from 1, or 0 before the first
 * @throws LABELS_DEGENERATE when average precision is monitored and no class has one
 */
export function bestEpochOf(history: readonly EpochLog[], { monitor }: Rule): number {
  let best = { epoch: 0, figure: -Infinity };
  for (const log of history) {
    const figure = monitor === 'loss' ? -log.validationLoss : log.meanAveragePrecision;
    if (figure === null) {
      throw new AssayError(
        'LABELS_DEGENERATE',
        'No class has both positives and negatives in the validation split, so average precision is undefined. Fix: enlarge the validation split, or set train.monitor to loss.',
      );
    }
    if (figure > best.figure) best = { epoch: log.epoch, figure };
  }
  return best.epoch;
}

/** Whether `patience` epochs have passed since the best one. */
export function shouldStop(history: readonly EpochLog[], rule: Rule): boolean {
  return history.length - bestEpochOf(history, rule) >= rule.patience;
}
