import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError, processStartTime, readJson } from '@assay/core';
import { endMembers } from './process-group.js';
import { launcherRuns, serverDir, uriOf, type ServerState } from './server-state.js';

/** Environment variable by which the processes of a server are recognised. */
export const markerOf = (home: string): string => `ASSAY_MLFLOW_HOME=${serverDir(home)}`;

const SERVER_ENVIRONMENT = {
  MLFLOW_DISABLE_TELEMETRY: 'true',
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  // The default pool of 15 connections deadlocks under about as many concurrent writes.
  MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: '40',
  MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW: '40',
};
const LOG_LINES = 12;

interface LaunchOptions {
  home: string;
  /** Holds the `setup.json` of the set-up. */
  setupHome: string;
  port: number;
  /** How long it may take to answer, in milliseconds. */
  readyTimeoutMs?: number;
}

/**
 * Starts a server in a process group of its own and waits until it answers.
 *
 * @throws MLFLOW_START_FAILED with the end of its log, when it ends or does not answer in time
 */
export async function launch(
  { home, setupHome, port, readyTimeoutMs = 90_000 }: LaunchOptions,
  onStarted: (state: ServerState) => Promise<void>,
): Promise<ServerState> {
  const executable = await findExecutable(setupHome);
  const dir = serverDir(home);
  mkdirSync(join(dir, 'artifacts'), { recursive: true });
  const logPath = join(dir, 'server.log');
  const log = openSync(logPath, 'w');
  const args = [
    'server',
    '--backend-store-uri',
    `sqlite:///${join(dir, 'mlflow.db')}`,
    '--artifacts-destination',
    join(dir, 'artifacts'),
  ];
  const child = spawn(
    executable,
    [...args, '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    {
      cwd: dir,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...withoutMlflow(process.env), ...SERVER_ENVIRONMENT, ASSAY_MLFLOW_HOME: dir },
    },
  );
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  child.unref();
  const pid = child.pid ?? 0;
  const state: ServerState = { schemaVersion: 1, pid, startTime: processStartTime(pid) ?? '', port };
  await onStarted(state);
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await answers(state))) {
    if (ended || Date.now() > deadline) {
      const problem = ended ? 'ended' : `did not answer within ${readyTimeoutMs / 1000} s`;
      await endMembers(markerOf(home), 0);
      const end = readFileSync(logPath, 'utf8').trim().split('\n').slice(-LOG_LINES).join('\n');
      throw new AssayError(
        'MLFLOW_START_FAILED',
        `The local MLflow server ${problem}. The end of ${logPath}:\n${end}\nFix: mend what the log says, or set MLFLOW_TRACKING_URI to a server of your own.`,
      );
    }
    await sleep(100);
  }
  return state;
}

/** Whether a server answers its health probe. */
export async function answers(state: Pick<ServerState, 'port'>): Promise<boolean> {
  try {
    const response = await fetch(`${uriOf(state)}/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok && (await response.text()).trim() === 'OK';
  } catch {
    return false; // nobody listens yet, or not any more
  }
}

/**
 * Whether a server answers before the patience with it ends. A stall of the machine, its disk or its processor is no
 * reason to end a server that others use, so it is asked again and again while its launcher lives.
 */
export async function answersWithin(state: ServerState, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (launcherRuns(state)) {
    if (await answers(state)) return true;
    if (Date.now() > deadline) return false;
    await sleep(100);
  }
  return false;
}

async function findExecutable(setupHome: string): Promise<string> {
  const facts = (await readJson(join(setupHome, 'setup.json')).catch(() => undefined)) as
    { python?: { mlflow?: string | null } } | undefined; // checked below
  const python = facts?.python?.mlflow;
  const executable = typeof python === 'string' ? join(dirname(python), 'mlflow') : undefined;
  if (executable !== undefined && existsSync(executable)) return executable;
  throw new AssayError(
    'MLFLOW_START_FAILED',
    `The MLflow server is not installed below ${setupHome}. Fix: run \`npm run setup\`, or set MLFLOW_TRACKING_URI to a server of your own.`,
  );
}

/** Settings of a user's own MLflow are not for this server. */
const withoutMlflow = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MLFLOW_')));
