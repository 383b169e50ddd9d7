// What a bench loads is built first: a stale build would measure older code.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** @param folder of a library, e.g. `libs/data` */
export function buildLibrary(folder) {
  const cwd = join(import.meta.dirname, '..');
  const { status, stdout } = spawnSync('npx', ['tsc', '--build', folder], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${folder} was not built\n${stdout}`);
}
