import { AssayError, EXIT, onInterrupt } from '@assay/core';

/**
 * Runs the work of a command: hands it a signal that Ctrl-C aborts, and turns what it throws into one message on stderr
 * and an exit status.
 */
export async function runCommand(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { signal, dispose } = onInterrupt();
  try {
    await work(signal);
  } catch (error) {
    process.exitCode = reportError(error);
  } finally {
    dispose();
  }
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
