import { AssayError, EXIT, onInterrupt } from '@assay/core';
import { printable } from './printable.js';

interface RunOptions {
  /** Whether a SIGTERM is how the work is meant to end, as a service manager ends a service: 0 once it has ended. */
  endsOnTerm?: boolean;
}

/**
 * Runs the work of a command: hands it a signal that Ctrl-C aborts, and turns what it throws into one message on stderr
 * and an exit status.
 */
export async function runCommand(
  work: (signal: AbortSignal) => Promise<void>,
  { endsOnTerm = false }: RunOptions = {},
): Promise<void> {
  let stopped = false;
  const stop = (): void => void (stopped = endsOnTerm);
  process.once('SIGTERM', stop); // before the handler that aborts the signal
  const { signal, dispose } = onInterrupt();
  process.stdout.on('error', endOnClosedPipe);
  let overdue: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => (overdue = endLater(signal)));
  process.once('beforeExit', endUnsettled);
  try {
    await work(signal);
    if (signal.aborted) process.exitCode = stopped ? EXIT.ok : EXIT.interrupted; // also when what was asked for is done
  } catch (error) {
    const reported = signal.aborted ? interruption(signal, error) : error;
    process.exitCode = stopped && reported === signal.reason ? EXIT.ok : reportError(reported);
  } finally {
    process.off('beforeExit', endUnsettled);
    process.off('SIGTERM', stop);
    clearTimeout(overdue);
    dispose();
  }
}

/** Node ends with status 0 when nothing is left that could go on, also while work still waits: that is no success. */
function endUnsettled(): void {
  process.exitCode = reportError(new Error('the command waits for something that nothing will bring about'));
}

/** How long work may take to end by itself once it was interrupted; nothing is lost when it does not. */
const GRACE_MS = 5000;

/** Ends the process when work that was interrupted waits for something that does not answer, such as a server. */
function endLater(signal: AbortSignal): NodeJS.Timeout {
  return setTimeout(() => process.exit(reportError(signal.reason)), GRACE_MS).unref();
}

/** An error that comes from stopping midway, such as a closed connection, is an interruption. */
function interruption(signal: AbortSignal, error: unknown): unknown {
  return error instanceof AssayError ? error : signal.reason;
}

/** The reader of a pipe may leave early, as `head` does; that is no failure. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
}

/** Prints an error for people and gives the exit status that belongs to it. */
export function reportError(
  error: unknown,
  write: (text: string) => void = (text) => process.stderr.write(text),
): number {
  if (error instanceof AssayError) {
    write(`error [${error.code}]: ${printable(error.message)}\n`);
    return error.exitStatus;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  write(`error [INTERNAL]: a defect of assay, please report it:\n${printable(text)}\n`);
  return EXIT.failure;
}
