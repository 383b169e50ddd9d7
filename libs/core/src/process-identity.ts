import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { hostname } from 'node:os';

const SIGN_OF_LIFE_MS = 10_000;

/**
 * After this long without a sign of life a process that cannot be probed counts as dead. It gives a sign every ten seconds
 * from a timer, and no timer runs while a training step or a bootstrap keeps the event loop busy; clocks of two machines
 * differ, too. To wait too long costs patience, to wait too briefly costs the work of a live process.
 */
export const SILENT_AFTER_MS = 15 * 60_000;

/** Names the machine since its boot and the PID namespace (the container), within which a process id means something. */
const OWN_HOST = createHash('sha256')
  .update(`${contentOf('/proc/sys/kernel/random/boot_id')} ${pidNamespace()}`)
  .digest('hex')
  .slice(0, 8);

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a sandbox without it: the namespace alone has to tell
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return hostname(); // a sandbox without namespaces in /proc; a container has a host name of its own
  }
}

/**
 * Start time of a process in clock ticks since boot (Linux, `proc(5)` field 22), or undefined when no such process runs.
 * A process id alone may be reused; with the start time it names one process.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined; // no such process
  }
}

/** Name of this process that no other process has, here or elsewhere: `<pid>-<start time>-<host>`. */
export function ownIdentity(): string {
  return `${process.pid}-${processStartTime(process.pid) ?? '0'}-${OWN_HOST}`;
}

/** The parts of an identity, with or without more behind it; without a host it is of this one, as earlier versions wrote. */
function partsOf(identity: string): { pid: number; startTime: string; host: string } | undefined {
  const [, pid, startTime, host = OWN_HOST] = /^(\d+)-(\d+)(?:-([0-9a-f]{8}))?(?:-|$)/.exec(identity) ?? [];
  return pid === undefined || startTime === undefined ? undefined : { pid: Number(pid), startTime, host };
}

/** Whom an identity names, in words for a message. */
export function describeProcess(identity: string): { name: string; isElsewhere: boolean } {
  const parts = partsOf(identity);
  if (parts === undefined) return { name: 'another process', isElsewhere: false };
  const isElsewhere = parts.host !== OWN_HOST;
  const where = isElsewhere ? ' on another machine or in another container' : '';
  return { name: `process ${parts.pid}${where}`, isElsewhere };
}

/**
 * Whether the process that gave itself this identity still runs. One on another machine or in another container cannot be
 * probed; it counts as alive while `path` is fresh.
 *
 * @param path what the process keeps fresh while it needs it: its lock, or the folder that it writes
 */
export function isAlive(identity: string, path: string): boolean {
  const parts = partsOf(identity);
  if (parts === undefined) return false;
  if (parts.host === OWN_HOST) return processStartTime(parts.pid) === parts.startTime;
  const touchedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  return Date.now() - touchedMs < SILENT_AFTER_MS;
}

/** Makes a file or folder look as if it had changed now. One that has gone, or is another user's, keeps its age. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

/** Touches a file or folder every ten seconds until disposed: the sign of life for those who cannot probe this process. */
export function keepFresh(path: string): Disposable {
  const timer = setInterval(() => void touch(path), SIGN_OF_LIFE_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
