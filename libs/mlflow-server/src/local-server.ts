import { join } from 'node:path';
import { withFileLock } from '@assay/core';
import { anyFreePort, isFree } from './free-port.js';
import { answers, answersWithin, launch, markerOf } from './launch.js';
import { endMembers, membersOf } from './process-group.js';
import { launcherRuns, readState, serverDir, uriOf, writeState } from './server-state.js';

interface Home {
  /** Folder whose `mlflow/` holds the server's database, artifacts, log and state. */
  home: string;
}

export interface LocalServer {
  uri: string;
  pid: number;
  port: number;
  /** Whether this call started it. */
  started: boolean;
}

const PATIENCE_MS = 15_000;
/** The patience, the grace of what is ended and the start of a new server, which one call may need before the next. */
const LOCK_TIMEOUT_MS = 150_000;
const withServerLock = <T>(home: string, action: () => Promise<T>): Promise<T> =>
  withFileLock(join(serverDir(home), 'server.lock'), action, { timeoutMs: LOCK_TIMEOUT_MS });

/**
 * The local MLflow server: the one that runs, or a new one on the port of the last, so that printed addresses stay valid.
 * A server that was killed is started again over the same database, and so is one that has not answered for 15 s: a
 * shorter stall is waited for. What still runs of it, or a server whose state file was lost, is ended first: two servers
 * on one database would lock each other out.
 *
 * @param options.setupHome folder with the `setup.json` of the set-up; default: `home`
 * @throws MLFLOW_START_FAILED when it is not installed or does not come up
 */
export async function ensureLocalServer({
  home,
  setupHome = home,
}: Home & { setupHome?: string }): Promise<LocalServer> {
  return withServerLock(home, async () => {
    const known = await readState(home);
    if (known !== undefined && (await answersWithin(known, PATIENCE_MS)))
      return { uri: uriOf(known), pid: known.pid, port: known.port, started: false };
    await endMembers(markerOf(home));
    const port = known !== undefined && (await isFree(known.port)) ? known.port : await anyFreePort();
    const state = await launch({ home, setupHome, port }, (started) => writeState(home, started));
    return { uri: uriOf(state), pid: state.pid, port: state.port, started: true };
  });
}

/** Ends the local server with its children; what it stored stays. */
export async function stopLocalServer({ home }: Home): Promise<{ stopped: boolean }> {
  return withServerLock(home, async () => {
    if (membersOf(markerOf(home)).length === 0) return { stopped: false };
    await endMembers(markerOf(home));
    return { stopped: true };
  });
}

/** Whether the local server runs and answers. */
export async function localServerStatus({
  home,
}: Home): Promise<{ running: true; uri: string; pid: number; port: number } | { running: false }> {
  const known = await readState(home);
  if (known === undefined || !launcherRuns(known) || !(await answers(known))) return { running: false };
  return { running: true, uri: uriOf(known), pid: known.pid, port: known.port };
}
