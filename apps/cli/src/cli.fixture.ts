import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const WORKSPACE = join(__dirname, '../../..');
export const MAIN = join(WORKSPACE, 'apps/cli/dist/main.js');

export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Where a test's results, MLflow store and caches lie, apart from the checkout's own. */
export function makeHome(dir: string): NodeJS.ProcessEnv {
  const facts = join(WORKSPACE, '.assay', 'setup.json');
  if (!existsSync(facts)) throw new Error('the set-up has not run; run: npm run setup -- --with references');
  mkdirSync(join(dir, 'home'));
  copyFileSync(facts, join(dir, 'home', 'setup.json'));
  return {
    ASSAY_HOME: join(dir, 'home'),
    ASSAY_RUNS: join(dir, 'runs'),
    ASSAY_THREADS: '2',
    MLFLOW_TRACKING_URI: '',
  };
}

/** Runs the built command line as a user does, and waits for it. */
export function assay(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = WORKSPACE): Run {
  if (!existsSync(MAIN)) throw new Error('the command line is not built; run: npx nx build @assay/cli');
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}
