import { AssayError } from '@assay/core';
import { runCommand } from './run-command.js';

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** The exit status of work that a signal ends. */
async function statusAfter(
  name: 'SIGINT' | 'SIGTERM',
  work: (signal: AbortSignal) => Promise<void>,
  options?: { endsOnTerm: boolean },
): Promise<unknown> {
  const before = process.exitCode;
  try {
    const ended = runCommand(work, options);
    process.emit(name);
    await ended;
    return process.exitCode;
  } finally {
    process.exitCode = before;
  }
}

test('SIGTERM ended a service with the status of a failure', async () => {
  expect(await statusAfter('SIGTERM', untilAborted, { endsOnTerm: true })).toBe(0);
  expect(await statusAfter('SIGINT', untilAborted, { endsOnTerm: true })).toBe(130);
  expect(await statusAfter('SIGTERM', untilAborted)).toBe(130);
});

test('work that waits for ever without anything left to do has failed, and says so', async () => {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const before = process.exitCode;
  let finish = (): void => undefined;
  const ended = runCommand(() => new Promise<void>((resolve) => (finish = resolve)));
  process.emit('beforeExit', 0);
  expect(process.exitCode).toBe(1);
  expect(stderr).toHaveBeenCalledWith(expect.stringContaining('nothing will bring about'));
  finish();
  await ended;
  process.exitCode = before;
  expect(process.listeners('beforeExit').map(({ name }) => name)).not.toContain('endUnsettled');
  stderr.mockRestore();
});

test('a service that SIGTERM ends while it loads has not failed; one that breaks has', async () => {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const loading = async (signal: AbortSignal): Promise<void> => {
    await untilAborted(signal);
    signal.throwIfAborted();
  };
  expect(await statusAfter('SIGTERM', loading, { endsOnTerm: true })).toBe(0);
  expect(stderr).not.toHaveBeenCalled();
  expect(await statusAfter('SIGTERM', loading)).toBe(130);
  const breaking = async (signal: AbortSignal): Promise<void> => {
    await untilAborted(signal);
    throw new AssayError('DISK_FULL', 'full');
  };
  expect(await statusAfter('SIGTERM', breaking, { endsOnTerm: true })).toBe(1);
  stderr.mockRestore();
});
