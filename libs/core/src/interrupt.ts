import { AssayError, systemCodeOf } from './assay-error.js';
import { EXIT } from './error-codes.js';

/**
 * A signal that aborts on the first Ctrl-C or SIGTERM, so that work can end cleanly; a second one ends the process.
 *
 * @returns the signal and a function that removes the handlers
 */
export function onInterrupt(target: NodeJS.Process = process): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const handle = (): void => {
    if (controller.signal.aborted) target.exit(EXIT.interrupted);
    controller.abort(new AssayError('INTERRUPTED', 'Interrupted. Run the same command again to go on.'));
  };
  target.on('SIGINT', handle);
  target.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    dispose: () => {
      target.off('SIGINT', handle);
      target.off('SIGTERM', handle);
    },
  };
}

/** @throws INTERRUPTED when the signal has been aborted */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  if (signal.reason instanceof AssayError) throw signal.reason;
  const cause: unknown = signal.reason;
  throw new AssayError(
    'INTERRUPTED',
    `Interrupted${systemCodeOf(cause) === undefined ? '' : ` (${systemCodeOf(cause)})`}.`,
    { cause },
  );
}
