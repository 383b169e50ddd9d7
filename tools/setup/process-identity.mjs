import { readFileSync } from 'node:fs';

/** Start time of a running process in clock ticks since boot: with the process id it names one process for ever. */
export function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined; // no such process
  }
}

/** Name of this set-up: in its locks, and in the environment of the programs that it runs. */
export const OWN_IDENTITY = `${process.pid} ${startTimeOf(process.pid)}`;
