import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError } from './assay-error.js';
import { asDiskError, sweepAbandoned } from './atomic-files.js';
import { newToken, tokenIn, tryCreate } from './file-lock-file.js';
import { removeDead, sweepClaims } from './file-lock-rescue.js';
import { describeProcess, isAlive, keepFresh, SILENT_AFTER_MS } from './process-identity.js';

interface LockOptions {
  /** How long to wait for another holder, in milliseconds. */
  timeoutMs?: number;
}

/**
 * Runs `action` while this process alone holds the lock file. A lock that names no live process is taken over; that of a
 * process on another machine or in another container when it has given no sign of life for 15 minutes.
 *
 * @throws LOCKED when another live process keeps it past the timeout
 * @throws DISK_FULL when there is no room for the lock file
 */
export async function withFileLock<T>(
  path: string,
  action: () => Promise<T>,
  { timeoutMs = 60_000 }: LockOptions = {},
): Promise<T> {
  const token = newToken();
  await acquire(path, token, timeoutMs);
  using _sign = keepFresh(path);
  try {
    await sweepClaims(path);
    await sweepAbandoned(path);
    return await action();
  } finally {
    // Another host may have taken it over after too long a silence; then it is no longer this one's to remove.
    if ((await tokenIn(path)) === token) await rm(path, { force: true });
  }
}

async function acquire(path: string, token: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  try {
    await mkdir(dirname(path), { recursive: true });
    for (;;) {
      const holder = await liveHolderOf(path);
      if (holder === undefined && (await tryCreate(path, token))) return;
      if (Date.now() > deadline) throw locked(path, holder, timeoutMs);
      await sleep(50);
    }
  } catch (error) {
    throw asDiskError(error, path);
  }
}

/** Token of the live process that holds the lock; the lock of a dead one, or one without a name in it, is taken away. */
async function liveHolderOf(path: string): Promise<string | undefined> {
  const holder = await tokenIn(path);
  if (holder === undefined || isAlive(holder, path)) return holder;
  await removeDead(path, holder);
  return tokenIn(path);
}

function locked(path: string, holder = '', timeoutMs: number): AssayError {
  const { name, isElsewhere } = describeProcess(holder);
  const fix = isElsewhere
    ? `wait for it to finish, or end it there. If it has died, its lock is taken over ${SILENT_AFTER_MS / 60_000} minutes after its last sign of life; whoever is sure of that may delete the file at once`
    : 'wait for it to finish, or end that process';
  return new AssayError(
    'LOCKED',
    `${path} is held by ${name} for more than ${timeoutMs / 1000} s. Fix: ${fix}.`,
    { details: { path, holder } },
  );
}
