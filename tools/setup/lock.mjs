import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOr } from './paths.mjs';
import { OWN_IDENTITY, startTimeOf } from './process-identity.mjs';
import { say, SetupError } from './setup-error.mjs';

const WAIT_MS = 15 * 60_000;

/** Runs `work` while no other set-up holds the lock file; a lock that names no live process is taken over. */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + WAIT_MS;
  let told = false;
  while (!tryCreate(path)) {
    const holder = readOr(path);
    if (!isAlive(holder)) {
      await endOrphansOf(holder);
      removeDead(path);
      continue;
    }
    const [pid] = holder.split(' ');
    if (Date.now() > deadline)
      throw new SetupError(
        'LOCKED',
        `another set-up (process ${pid}) holds ${path}`,
        `wait for it, or end it: kill ${pid}`,
      );
    if (!told) say(`waiting for another set-up (process ${pid})`);
    told = true;
    await sleep(300);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Creates the lock with its content in one step, so that it never stands there without the name of its holder. */
function tryCreate(path) {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeFileSync(temporary, OWN_IDENTITY);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function isAlive(holder) {
  const [pid, since] = holder.split(' ');
  return since !== undefined && startTimeOf(pid) === since;
}

/** Moves the dead holder's lock away, and puts it back if it was meanwhile a live one's. */
function removeDead(path) {
  const claimed = `${path}.dead-${process.pid}`;
  try {
    renameSync(path, claimed);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // another rescuer was faster
    return;
  }
  try {
    if (isAlive(readOr(claimed))) linkSync(claimed, path);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error; // a third holds it already
  } finally {
    rmSync(claimed);
  }
}

/** A set-up that was killed may leave an npm or pip at work, which would disturb the steps that are done again. */
async function endOrphansOf(holder) {
  for (let orphans = orphansOf(holder); orphans.length > 0; orphans = orphansOf(holder)) {
    for (const pid of orphans) endProcess(pid);
    await sleep(50);
  }
}

function endProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended by itself
  }
}

function orphansOf(holder) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && startTimeOf(name) !== undefined)
    .filter((pid) => environmentOf(pid).includes(`ASSAY_SETUP_BY=${holder}`))
    .map(Number);
}

function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // it has ended, or is another user's
  }
}
