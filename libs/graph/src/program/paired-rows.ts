import type { MergedRecording } from '../merge-recordings.js';
import { isFromUser, originOf } from '../origin.js';

/**
 * Ops of a trace that pair every row of the batch with every other because their tensors differ in rank: [B, 1] with [B]
 * gives [B, B], whose mean is a number as good as any. Tensors of one rank, like [B, 1] with [1, B], are taken as meant.
 *
 * @returns one line each, with the place in the code
 */
export const pairedRows = ({ operations }: MergedRecording): string[] =>
  operations.flatMap(({ op, pairsRows, stack }) =>
    pairsRows === true && isFromUser(stack) // not those of its gradient
      ? [`op '${op}'${originOf(stack)} gives a value for each pair of rows of the batch`]
      : [],
  );
