import { createHash } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf, readOr } from './paths.mjs';
import { OWN_IDENTITY, startTimeOf } from './process-identity.mjs';
import { say, SetupError } from './setup-error.mjs';

const WAIT_MS = 15 * 60_000;
const SIGN_OF_LIFE_MS = 10_000;
/**
 * A set-up on another machine or in another container cannot be probed; after this long without a sign of life it counts as
 * dead. Generous, because no timer runs while a big file is unpacked, and clocks differ.
 */
const SILENT_AFTER_MS = 15 * 60_000;
/** Names the machine since its boot and the PID namespace (the container), within which a process id means something. */
const OWN_HOST = createHash('sha256')
  .update(readOr('/proc/sys/kernel/random/boot_id') + pidNamespace())
  .digest('hex')
  .slice(0, 8);
/** What a lock says. One set-up takes a lock once, so it names one acquisition and never comes back. */
const OWN_TOKEN = `${OWN_IDENTITY} ${OWN_HOST}`;

function pidNamespace() {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return hostname(); // a sandbox without namespaces in /proc; a container has a host name of its own
  }
}

/** Runs `work` while no other set-up holds the lock file; a lock that names no live process is taken over. */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  await acquire(path);
  const sign = setInterval(() => touch(path), SIGN_OF_LIFE_MS).unref();
  try {
    sweep(path);
    return await work();
  } finally {
    clearInterval(sign);
    if (readOr(path) === OWN_TOKEN) rmSync(path, { force: true });
  }
}

async function acquire(path) {
  const deadline = Date.now() + WAIT_MS;
  let told = false;
  while (!tryCreate(path, path)) {
    const holder = readOr(path);
    if (!isAlive(holder, path)) {
      if (!isElsewhere(holder)) await endOrphansOf(holder);
      removeDead(path, holder);
      if (readOr(path) === holder) await sleep(50); // another set-up is about to remove it
      continue;
    }
    const who = `process ${holder.split(' ')[0]}${isElsewhere(holder) ? ' on another machine or in another container' : ''}`;
    if (Date.now() > deadline)
      throw new SetupError('LOCKED', `another set-up (${who}) holds ${path}`, fixFor(holder, path));
    if (!told) say(`waiting for another set-up (${who})`);
    told = true;
    await sleep(300);
  }
}

const fixFor = (holder, path) =>
  isElsewhere(holder)
    ? `wait for it, or end it there; if it has died, delete ${path}`
    : `wait for it, or end it: kill ${holder.split(' ')[0]}`;

/** Creates a file with its content in one step, so that it never stands there without the name of its holder. */
function tryCreate(path, lock) {
  const temporary = `${lock}.tmp-${process.pid}-${OWN_HOST}`;
  try {
    writeFileSync(temporary, OWN_TOKEN);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A holder without a host is of this one, as earlier versions wrote. */
const isElsewhere = (holder) => (holder.split(' ')[2] ?? OWN_HOST) !== OWN_HOST;

function isAlive(holder, path) {
  const [pid, since] = holder.split(' ');
  if (isElsewhere(holder)) return ageOf(path) < SILENT_AFTER_MS;
  return since !== undefined && startTimeOf(pid) === since;
}

const ageOf = (path) => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity);

function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // It may have gone; then its file only looks older.
  }
}

/**
 * Removes the lock of a dead holder, and never that of a live one: only the one set-up that created the claim on the dead
 * token may, and it reads the lock again under the claim. A claimant that died is succeeded by the claim on its own claim.
 * Claims go away only when the dead token is no longer in the lock, see libs/core/src/file-lock-rescue.ts.
 */
export function removeDead(path, dead) {
  const claims = [];
  for (let claimed = dead; ; claimed = readOr(claims.at(-1))) {
    if (claims.length > 0 && isAlive(claimed, claims.at(-1))) return;
    // Named after the first dead one, too: one set-up may have claimed for several.
    claims.push(`${path}.rescue-${digestOf(dead, String(claims.length), claimed)}`);
    if (tryCreate(claims.at(-1), path)) break;
  }
  if (readOr(path) === dead) rmSync(path, { force: true });
  for (const claim of claims.reverse()) rmSync(claim, { force: true });
}

/** What killed set-ups left beside the lock, for its holder; a temporary file may be at use for a moment. */
function sweep(path) {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    const rest = name.startsWith(`${basename(path)}.`) ? name.slice(basename(path).length) : '';
    const isOld = ageOf(join(folder, name)) > SILENT_AFTER_MS;
    if (rest.startsWith('.rescue-') || (rest.startsWith('.tmp-') && isOld))
      rmSync(join(folder, name), { force: true });
  }
}

/** A set-up that was killed may leave an npm or pip at work, which would disturb the steps that are done again. */
async function endOrphansOf(token) {
  const holder = token.split(' ').slice(0, 2).join(' ');
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
