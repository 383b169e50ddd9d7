import { AssayError, EXIT, onInterrupt } from '@assay/core';

/**
 * Runs the work of a command: hands it a signal that Ctrl-C aborts, and turns what it throws into one message on stderr
 * and an exit status.
 */
export async function runCommand(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { signal, dispose } = onInterrupt();
  process.stdout.on('error', endOnClosedPipe);
  let overdue: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => (overdue = endLater(signal)));
  try {
    await work(signal);
    if (signal.aborted) process.exitCode = EXIT.interrupted; // what was asked for is done, and yet it was interrupted
  } catch (error) {
    process.exitCode = reportError(signal.aborted ? interruption(signal, error) : error);
  } finally {
    clearTimeout(overdue);
    dispose();
  }
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
    write(`error [${error.code}]: ${error.message}\n`);
    return error.exitStatus;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  write(`error [INTERNAL]: a defect of assay, please report it:\n${text}\n`);
  return EXIT.failure;
}

/** What yargs calls for an unknown command or option. */
export function reportUsageError(message: string | null, error: Error | undefined): never {
  if (error !== undefined && message === null) throw error;
  process.stderr.write(
    `error [USAGE]: ${message ?? error?.message ?? 'wrong arguments'} See: assay --help\n`,
  );
  process.exit(EXIT.usage);
}
