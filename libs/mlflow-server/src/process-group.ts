import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface Member {
  pid: number;
  /** Its process group: the pid of the launcher that started it. */
  group: number;
  startTime: string;
}

/**
 * Processes that carry a marker in their environment, which children inherit. So the children of a killed launcher are
 * found, and a server of which nobody wrote down the pid.
 *
 * @param marker the whole `NAME=value`
 */
export function membersOf(marker: string): Member[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name): Member[] => {
      try {
        const { state, group, startTime } = statOf(name);
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        return state !== 'Z' && environment.includes(marker) ? [{ pid: Number(name), group, startTime }] : [];
      } catch {
        return []; // it ended meanwhile, or belongs to somebody else
      }
    });
}

/** Ends every process that carries a marker: politely first, then for certain. Afterwards their ports are free. */
export async function endMembers(marker: string, graceMs = 10_000): Promise<void> {
  const deadline = Date.now() + graceMs;
  let ending = membersOf(marker);
  signal(ending, 'SIGTERM');
  while (ending.length > 0) {
    if (Date.now() > deadline) signal(membersOf(marker), 'SIGKILL');
    await sleep(50);
    // One that is ending has no environment any more, and yet holds its port for a moment.
    ending = [...ending.filter(isRunning), ...membersOf(marker)];
  }
}

function signal(members: readonly Member[], name: NodeJS.Signals): void {
  for (const { pid } of members) {
    try {
      process.kill(pid, name);
    } catch {
      // it ended between the look and the signal
    }
  }
}

function isRunning({ pid, startTime }: Member): boolean {
  try {
    const stat = statOf(String(pid));
    return stat.startTime === startTime && !(stat.state === 'Z' && stat.numThreads === 1);
  } catch {
    return false;
  }
}

/** @see proc(5), `/proc/pid/stat`; the name in parentheses may hold spaces */
function statOf(pid: string): { state: string; group: number; numThreads: number; startTime: string } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group] = fields;
  return { state, group: Number(group), numThreads: Number(fields[17]), startTime: fields[19] ?? '' };
}
