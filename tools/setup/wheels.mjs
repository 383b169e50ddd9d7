import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HOME, REQUIREMENTS } from './paths.mjs';
import { NETWORK_FIX, pythonOf } from './python-environments.mjs';
import { runProcess, tail } from './run-process.mjs';
import { say, SetupError } from './setup-error.mjs';

/** Python version that the wheels are made for; nothing of them runs in Python, so any will do. */
const PYTHON_TAG = '311';
const NEWEST_GLIBC = 28;
/** pip takes exactly the platforms that it is told, so that every older glibc is named too. */
const PLATFORMS = [
  ...Array.from({ length: NEWEST_GLIBC - 4 }, (_, i) => `manylinux_2_${NEWEST_GLIBC - i}_x86_64`),
  'manylinux2014_x86_64',
  'manylinux2010_x86_64',
  'manylinux1_x86_64',
];
const PROGRESS_MS = 5000;

/** The requirements of a file, each with its hashes. */
export function requirementsIn(text) {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/**
 * Downloads the wheels of `requirements/<name>.txt` one by one and checks their hashes. A wheel that is already there
 * with the right hash is not fetched again, so that a second try goes on where the first stopped.
 *
 * @returns paths of the wheels, each with a pinned hash; other wheels in `dir` are deleted
 */
export async function downloadWheels(name, dir) {
  mkdirSync(dir, { recursive: true });
  const requirements = requirementsIn(readFileSync(join(REQUIREMENTS, `${name}.txt`), 'utf8'));
  for (const requirement of requirements) await downloadWheel(requirement, name, dir);
  const pinned = new Set(requirements.join(' ').match(/(?<=--hash=sha256:)[0-9a-f]{64}/g));
  const wheels = [];
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.whl'))) {
    const path = join(dir, file);
    if (pinned.has(await sha256Of(path))) wheels.push(path);
    else rmSync(path);
  }
  return wheels;
}

async function sha256Of(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function downloadWheel(requirement, name, dir) {
  const list = join(dir, 'wanted.txt');
  const temporary = join(HOME, 'download', 'temporary');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  writeFileSync(list, `${requirement}\n`);
  const progress = showProgress(temporary);
  const { status, output } = await runProcess(pythonOf('tools'), pipArguments(list, dir), {
    env: { TMPDIR: temporary },
    onLine: progress.onLine,
  });
  progress.stop();
  rmSync(temporary, { recursive: true, force: true });
  rmSync(list);
  if (status === 0) return;
  if (/DO NOT MATCH THE HASHES/.test(output)) {
    throw new SetupError(
      'WHEEL_HASH',
      `a downloaded wheel has another SHA-256 than requirements/${name}.txt pins:\n${tail(output)}`,
      'the download was deleted; run the same command again. If it happens again, the package index serves something else: do not go on',
    );
  }
  throw new SetupError(
    'ENGINE_DOWNLOAD',
    `${requirement.split(' ')[0]} could not be downloaded:\n${tail(output)}`,
    NETWORK_FIX,
  );
}

function pipArguments(list, dir) {
  const options = ['--disable-pip-version-check', '--no-deps', '--no-cache-dir', '--progress-bar=off'];
  const target = ['--implementation', 'cp', '--python-version', PYTHON_TAG];
  for (const abi of [`cp${PYTHON_TAG}`, 'none']) target.push('--abi', abi);
  for (const platform of PLATFORMS) target.push('--platform', platform);
  const checks = ['--require-hashes', '--only-binary=:all:'];
  return ['-m', 'pip', 'download', ...options, ...checks, ...target, '--dest', dir, '-r', list];
}

/** Says what is being downloaded, and every few seconds how much of it is there; pip writes below `temporary`. */
function showProgress(temporary) {
  let title;
  const onLine = (line) => {
    const [, file, size] = /^\s*Downloading (\S+\.whl) \((.*)\)/.exec(line) ?? [];
    if (file === undefined) return;
    title = `${file.split('-').slice(0, 2).join(' ')}: ${size}`;
    say(`downloading ${title}`);
  };
  const timer = setInterval(() => {
    if (title !== undefined) say(`  ${title}, ${(sizeOf(temporary) / 1e6).toFixed(0)} MB so far`);
  }, PROGRESS_MS);
  return { onLine, stop: () => clearInterval(timer) };
}

/** Bytes of the files below a directory; files and folders may come and go while it is read, and then do not count. */
export function sizeOf(dir) {
  return namesBelow(dir)
    .map((name) => statSync(join(dir, name), { throwIfNoEntry: false }))
    .reduce((sum, stat) => sum + (stat?.isFile() ? stat.size : 0), 0);
}

function namesBelow(dir) {
  try {
    return readdirSync(dir, { recursive: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return []; // pip removed a folder while it was listed; the next look will see the rest
  }
}
