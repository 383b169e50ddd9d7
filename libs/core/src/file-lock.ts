import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError, systemCodeOf } from './assay-error.js';
import { isAlive, ownIdentity } from './process-identity.js';

interface LockOptions {
  /** How long to wait for another holder, in milliseconds. */
  timeoutMs?: number;
}

/**
 * Runs `action` while this process alone holds the lock file. A dead holder's lock is taken over.
 *
 * @throws LOCKED when another live process keeps it past the timeout
 */
export async function withFileLock<T>(
  path: string,
  action: () => Promise<T>,
  { timeoutMs = 60_000 }: LockOptions = {},
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  while (!(await tryAcquire(path))) {
    if (Date.now() > deadline) {
      const holder = await readFile(path, 'utf8').catch(() => 'unknown');
      throw new AssayError(
        'LOCKED',
        `${path} is held by process ${holder} for more than ${timeoutMs / 1000} s. Fix: wait for it to finish, or end that process.`,
        {
          details: { path, holder },
        },
      );
    }
    await sleep(50);
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryAcquire(path: string): Promise<boolean> {
  try {
    await writeFile(path, ownIdentity(), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  }
  const holder = await readFile(path, 'utf8').catch(() => '');
  if (holder === '' || isAlive(holder)) return false;
  // Move the dead holder's file away, and put it back if it was meanwhile a live one's.
  const claimed = `${path}.dead-${ownIdentity()}`;
  await rename(path, claimed).catch(() => undefined); // another rescuer was faster
  const moved = await readFile(claimed, 'utf8').catch(() => '');
  if (moved !== '' && isAlive(moved)) await link(claimed, path).catch(() => undefined); // a third holds it already
  await rm(claimed, { force: true });
  return false;
}
