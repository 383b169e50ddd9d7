import { setImmediate } from 'node:timers/promises';
import { throwIfInterrupted } from '@assay/core';

/**
 * Gives the event loop a turn, without which no Ctrl-C is heard during a long calculation.
 *
 * @throws INTERRUPTED when the signal is aborted
 */
export async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  throwIfInterrupted(signal);
}
