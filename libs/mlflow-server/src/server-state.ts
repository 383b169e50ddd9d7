import { join, resolve } from 'node:path';
import { processStartTime, readJson, writeJsonAtomic } from '@assay/core';

/** What is known of a server that was started: enough to find it again, and to end it with its children. */
export interface ServerState {
  schemaVersion: 1;
  /** The launcher, which leads a process group of its own. */
  pid: number;
  /** With the pid it names one process for ever. */
  startTime: string;
  port: number;
}

/** Folder of the server's database, artifacts, log and state; absolute, because the server works in a folder of its own. */
export const serverDir = (home: string): string => resolve(home, 'mlflow');
const statePath = (home: string): string => join(serverDir(home), 'server.json');

/** The state that the last start left, or undefined when there is none or it is damaged. */
export async function readState(home: string): Promise<ServerState | undefined> {
  const value = await readJson(statePath(home)).catch(() => undefined); // none, or half a file of a crashed machine
  const state = value as Partial<ServerState> | undefined;
  const complete =
    typeof state?.pid === 'number' && typeof state.port === 'number' && typeof state.startTime === 'string';
  return complete ? (state as ServerState) : undefined; // every member was checked
}

export async function writeState(home: string, state: ServerState): Promise<void> {
  await writeJsonAtomic(statePath(home), state);
}

/** Whether the launcher itself still runs; another process with its number does not count. */
export const launcherRuns = ({ pid, startTime }: ServerState): boolean => processStartTime(pid) === startTime;

export const uriOf = ({ port }: Pick<ServerState, 'port'>): string => `http://127.0.0.1:${port}`;
