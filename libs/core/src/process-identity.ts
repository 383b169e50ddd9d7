import { readFileSync } from 'node:fs';

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

/** Name of this process that no later process can have: `<pid>-<start time>`. */
export function ownIdentity(): string {
  return `${process.pid}-${processStartTime(process.pid) ?? '0'}`;
}

/** Whether the process that gave itself this identity still runs. */
export function isAlive(identity: string): boolean {
  const [pid, startTime] = identity.split('-');
  return startTime !== undefined && processStartTime(Number(pid)) === startTime;
}
