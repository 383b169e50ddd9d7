import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, readOr, ROOT } from './paths.mjs';
import { runProcess, tail } from './run-process.mjs';
import { SetupError, timed } from './setup-error.mjs';

const STAMP = join(ROOT, 'node_modules', '.assay-lock');
const wanted = () => digestOf(readFileSync(join(ROOT, 'package-lock.json')), process.arch);

/** Whether exactly the packages of the lock are there. */
export const areNpmPackagesInstalled = () => readOr(STAMP) === wanted();

/** Installs the packages of the lock, unless exactly these are there. Scripts stay off: the engine's own would download an old library. */
export async function installNpmPackages() {
  if (areNpmPackagesInstalled()) return;
  await timed('npm packages', async () => {
    rmSync(STAMP, { force: true });
    const npm = process.env.npm_execpath;
    const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
    const { status, output } = await runProcess(
      command,
      [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
      { cwd: ROOT },
    );
    if (status !== 0)
      throw new SetupError(
        'NPM',
        `npm ci failed:\n${tail(output)}`,
        'check that the package registry is reachable, then run the same command again',
      );
    writeFileSync(STAMP, wanted());
  });
}
