import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface Member {
  pid: number;
  command: string;
}

/**
 * Processes of a group whose command line names the server's own folder. A group outlives its leader, and its number is
 * not given to a new process while a member lives, so these are the children of our server.
 */
export function membersOf(group: number, marker: string): Member[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): Member[] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (Number(processGroup) !== group || state === 'Z') return [];
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
        return environment.includes(marker)
          ? [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }]
          : [];
      } catch {
        return []; // it ended meanwhile, or belongs to somebody else
      }
    });
}

/** Ends every member of a group: politely first, then for certain. */
export async function endGroup(group: number, marker: string, graceMs = 10_000): Promise<void> {
  const signal = (name: NodeJS.Signals): void => {
    for (const { pid } of membersOf(group, marker)) {
      try {
        process.kill(pid, name);
      } catch {
        // it ended between the look and the signal
      }
    }
  };
  signal('SIGTERM');
  const deadline = Date.now() + graceMs;
  while (membersOf(group, marker).length > 0) {
    if (Date.now() > deadline) signal('SIGKILL');
    await sleep(50);
  }
}
