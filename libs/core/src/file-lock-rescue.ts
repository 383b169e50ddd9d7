import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256OfBytes } from './hashing.js';
import { isAlive } from './process-identity.js';
import { newToken, tokenIn, tryCreate } from './file-lock-file.js';

/** File by which one rescuer alone may act for a dead holder; a name of fixed length, whatever stands in the lock. */
const claimOf = (lock: string, dead: string): string => `${lock}.rescue-${sha256OfBytes(dead).slice(0, 16)}`;

/**
 * Removes the lock of a dead holder, and never that of a live one.
 *
 * A file system has no "delete if it still says so", so one rescuer at a time may act for a dead token: whoever creates
 * its claim. Under the claim the lock is read again. A token never comes back, so a lock that says something else has been
 * rescued already, and a lock that still says it stays until the claimant acts. A claimant that dies is succeeded in the
 * same way: by the claim on its own token. Claims go away only when the dead token is no longer in the lock.
 */
export async function removeDead(lock: string, dead: string): Promise<void> {
  const claims = await claim(lock, dead);
  if (claims === undefined) return;
  try {
    if ((await tokenIn(lock)) === dead) await rm(lock, { force: true });
  } catch (error) {
    await rm(claims.own, { force: true });
    throw error;
  }
  for (const path of [claims.own, ...claims.ofDead]) await rm(path, { force: true });
}

/** Claims the rescue, as the successor of dead claimants if there are any; undefined while another one is at it. */
async function claim(lock: string, dead: string): Promise<{ own: string; ofDead: string[] } | undefined> {
  const token = newToken();
  const ofDead: string[] = [];
  for (let own = claimOf(lock, dead); ;) {
    if (await tryCreate(own, token, lock)) return { own, ofDead };
    const claimant = await tokenIn(own);
    if (claimant === undefined || isAlive(claimant, own)) return undefined;
    ofDead.push(own);
    own = claimOf(lock, claimant);
  }
}

/** Removes what killed rescuers left; for the holder of the lock, whose own token is alive and needs no rescue. */
export async function sweepClaims(lock: string): Promise<void> {
  const start = `${basename(lock)}.rescue-`;
  const claims = readdirSync(dirname(lock)).filter((name) => name.startsWith(start));
  for (const name of claims) await rm(join(dirname(lock), name), { force: true });
}
