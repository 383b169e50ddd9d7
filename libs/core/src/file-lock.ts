import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError, systemCodeOf } from './assay-error.js';
import { asDiskError, sweepAbandoned, temporaryName } from './atomic-files.js';
import { isAlive, ownIdentity } from './process-identity.js';

interface LockOptions {
  /** How long to wait for another holder, in milliseconds. */
  timeoutMs?: number;
}

/**
 * Runs `action` while this process alone holds the lock file. A lock that names no live process is taken over.
 *
 * @throws LOCKED when another live process keeps it past the timeout
 * @throws DISK_FULL when there is no room for the lock file
 */
export async function withFileLock<T>(
  path: string,
  action: () => Promise<T>,
  { timeoutMs = 60_000 }: LockOptions = {},
): Promise<T> {
  await acquire(path, timeoutMs);
  try {
    await sweepAbandoned(path);
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  try {
    await mkdir(dirname(path), { recursive: true });
    for (;;) {
      const holder = await liveHolderOf(path);
      if (holder === undefined && (await tryCreate(path))) return;
      if (Date.now() > deadline) throw locked(path, holder, timeoutMs);
      await sleep(50);
    }
  } catch (error) {
    throw asDiskError(error, path);
  }
}

function locked(path: string, holder: string | undefined, timeoutMs: number): AssayError {
  return new AssayError(
    'LOCKED',
    `${path} is held by process ${holder ?? 'unknown'} for more than ${timeoutMs / 1000} s. Fix: wait for it to finish, or end that process.`,
    { details: { path, holder } },
  );
}

/** The live process that holds the lock; the lock of a dead one, or one without a name in it, is taken away. */
async function liveHolderOf(path: string): Promise<string | undefined> {
  const holder = await holderOf(path);
  if (holder === undefined || isAlive(holder)) return holder;
  await removeDead(path);
  return holderOf(path);
}

/** Content of the lock file, or undefined when there is none. */
function holderOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (systemCodeOf(error) !== 'ENOENT') throw error;
}

/** Creates the lock with its content in one step, so that it never stands there without the name of its holder. */
async function tryCreate(path: string): Promise<boolean> {
  const temporary = temporaryName(path, 'tmp');
  try {
    await writeFile(temporary, ownIdentity());
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Moves the dead holder's file away, and puts it back if it was meanwhile a live one's. */
async function removeDead(path: string): Promise<void> {
  const claimed = temporaryName(path, 'tmp');
  await rename(path, claimed).catch(ignoreMissing); // another rescuer was faster
  const moved = await holderOf(claimed);
  if (moved !== undefined && isAlive(moved)) await link(claimed, path).catch(() => undefined); // a third holds it already
  await rm(claimed, { force: true });
}
