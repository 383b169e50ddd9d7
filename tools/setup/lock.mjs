import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOr } from './paths.mjs';
import { say, SetupError } from './setup-error.mjs';

const WAIT_MS = 15 * 60_000;

/** Start time of a process in clock ticks since boot: with the process id it names one process for ever. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // no such process
  }
}

/** Runs `work` while no other set-up works in `home`; the lock of a dead process is taken over. */
export async function withLock(home, work) {
  mkdirSync(home, { recursive: true });
  const path = join(home, 'setup.lock');
  const deadline = Date.now() + WAIT_MS;
  let told = false;
  for (;;) {
    try {
      writeFileSync(path, `${process.pid} ${startTime(process.pid)}`, { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const [pid, since] = readOr(path).split(' ');
    if (pid && startTime(pid) !== since) {
      rmSync(path, { force: true });
      continue;
    }
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
