import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, HOME, readOr, REQUIREMENTS } from './paths.mjs';
import { runProcess, tail } from './run-process.mjs';
import { SetupError, timed } from './setup-error.mjs';

const environmentDir = (name) => join(HOME, 'python', name);

/** The Python of an environment; it may not exist yet. */
export const pythonOf = (name) => join(environmentDir(name), 'bin', 'python');

const requirementsOf = (name) => join(REQUIREMENTS, `${name}.txt`);
const stampOf = (name) => join(environmentDir(name), 'assay-stamp');
const wanted = (name) => digestOf(readFileSync(requirementsOf(name)));

/** Whether an environment holds exactly its requirements. */
export const isInstalled = (name) => existsSync(pythonOf(name)) && readOr(stampOf(name)) === wanted(name);

/** The environment with uv, which installs the others. */
export async function installTools(python) {
  if (isInstalled('tools')) return;
  await timed('Python tools', async () => {
    const dir = environmentDir('tools');
    rmSync(dir, { recursive: true, force: true });
    await must(
      python,
      ['-m', 'venv', dir],
      'PYTHON',
      'Python could not make an environment',
      'apt-get install python3-venv',
    );
    await must(
      pythonOf('tools'),
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--require-hashes',
        '--no-deps',
        '-r',
        requirementsOf('tools'),
      ],
      'PIP',
      'pip could not install uv',
      NETWORK_FIX,
    );
    writeFileSync(stampOf('tools'), wanted('tools'));
  });
}

/**
 * Makes an environment with exactly the packages of `requirements/<name>.txt`, each checked by hash.
 *
 * @param finish what is left to do with its Python once the packages are there
 */
export async function installEnvironment(name, python, { title, uvArguments = [], finish }) {
  if (isInstalled(name)) return;
  await timed(title, async () => {
    const dir = environmentDir(name);
    const uv = join(environmentDir('tools'), 'bin', 'uv');
    const env = { UV_CACHE_DIR: join(HOME, 'cache', 'uv'), VIRTUAL_ENV: dir };
    rmSync(dir, { recursive: true, force: true });
    await must(
      uv,
      ['venv', '--quiet', '--no-config', '--python', python, dir],
      'PYTHON',
      `the environment '${name}' could not be made`,
      'apt-get install python3-venv',
      env,
    );
    await must(
      uv,
      [
        'pip',
        'install',
        '--quiet',
        '--no-config',
        '--no-deps',
        '--require-hashes',
        '--link-mode',
        'hardlink',
        ...uvArguments,
        '-r',
        requirementsOf(name),
      ],
      'PIP',
      `the packages of requirements/${name}.txt could not be installed`,
      NETWORK_FIX,
      env,
    );
    await finish?.(pythonOf(name));
    writeFileSync(`${stampOf(name)}.tmp`, wanted(name));
    renameSync(`${stampOf(name)}.tmp`, stampOf(name));
  });
}

export const NETWORK_FIX =
  'check that the Python package index is reachable and the disk has room, then run the same command again; it goes on where it stopped';

async function must(command, args, code, what, fix, env) {
  const { status, output } = await runProcess(command, args, { env });
  if (status !== 0) throw new SetupError(code, `${what}:\n${tail(output)}`, fix);
}
