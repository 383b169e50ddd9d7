import { mkdirSync, statfsSync } from 'node:fs';
import { runProcess } from './run-process.mjs';
import { SetupError } from './setup-error.mjs';

/** What a step takes at its peak: wheels, what is unpacked of them, packages, environments and their cache. */
const NEEDED_BYTES = {
  npm: 1e9,
  'engine-cpu': 1.5e9,
  'engine-gpu': 10.5e9,
  mlflow: 0.5e9,
  references: 2e9,
  peers: 4e9,
};

/** Checks what set-up cannot install by itself, and finds Python. */
export async function checkPrerequisites(home) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      'PLATFORM',
      `this is ${process.platform}-${process.arch}, and only linux-x64 is supported`,
      'use a Linux machine or container',
    );
  }
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19) || major > 24) {
    throw new SetupError(
      'NODE',
      `this is Node ${process.versions.node}, and 20.19 to 24 are supported`,
      'install Node 20, 22 or 24',
    );
  }
  mkdirSync(home, { recursive: true });
  return findPython();
}

/** What some steps take at their peak, less the bytes that lie there already. */
export const neededBytes = (steps, presentBytes) =>
  Math.max(0, steps.reduce((sum, step) => sum + NEEDED_BYTES[step], 0) - presentBytes);

/** Refuses to start steps that would fill the disk. */
export function checkFreeSpace(home, steps, presentBytes) {
  if (steps.length === 0) return;
  const { bavail, bsize } = statfsSync(home);
  const needed = Number(process.env.ASSAY_SETUP_MIN_FREE_BYTES ?? neededBytes(steps, presentBytes));
  if (bavail * bsize < needed) {
    throw new SetupError(
      'DISK_FULL',
      `${home} has ${gigabytes(bavail * bsize)} GB free, and set-up needs ${gigabytes(needed)} GB`,
      'free space, or set ASSAY_HOME to a folder on another disk',
    );
  }
}

const gigabytes = (bytes) => (bytes / 1e9).toFixed(1);

async function findPython() {
  const candidates = process.env.ASSAY_PYTHON
    ? [process.env.ASSAY_PYTHON]
    : ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  let problem = 'no Python was found, and 3.10 to 3.13 are supported';
  for (const command of candidates) {
    const { status, output } = await runProcess(command, [
      '-c',
      'import sys; print(*sys.version_info[:2]); import venv, ensurepip',
    ]);
    const [major, minor] = output.split(/\s+/).map(Number);
    if (status === 0 && major === 3 && minor >= 10 && minor <= 13) return command;
    if (major === 3 && (minor < 10 || minor > 13))
      problem = `${command} is Python ${major}.${minor}, and 3.10 to 3.13 are supported`;
    else if (major === 3) problem = `${command} has no venv or ensurepip module, which make its environments`;
  }
  throw new SetupError(
    'PYTHON',
    problem,
    'apt-get install python3 python3-venv (or set ASSAY_PYTHON to another Python)',
  );
}

/** Refuses a Python that is older than 3.`minor`. */
export async function requirePython(python, minor, what) {
  const { output } = await runProcess(python, ['-c', 'import sys; print(*sys.version_info[:2])']);
  const [, found] = output.split(/\s+/).map(Number);
  if (found < minor)
    throw new SetupError(
      'PYTHON',
      `${python} is Python 3.${found}, and ${what} need 3.${minor} to 3.13`,
      `set ASSAY_PYTHON to a Python 3.${minor} or newer`,
    );
}

/** The first C++ compiler that answers. */
export async function findCompiler() {
  const candidates = process.env.CXX ? [process.env.CXX] : ['g++', 'clang++', 'c++'];
  for (const command of candidates)
    if ((await runProcess(command, ['--version'])).status === 0) return command;
  throw new SetupError(
    'COMPILER',
    `no C++ compiler was found (tried ${candidates.join(', ')}); the engine's addon is compiled once`,
    'apt-get install g++ (or set CXX to a compiler)',
  );
}
