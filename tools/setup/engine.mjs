import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, REQUIREMENTS } from './paths.mjs';
import { NETWORK_FIX, pythonOf } from './python-environments.mjs';
import { runProcess, tail } from './run-process.mjs';
import { say, SetupError, timed } from './setup-error.mjs';
import { unzip } from './zip.mjs';

/** Python version that the wheels are made for; nothing of them runs in Python, so any will do. */
const PYTHON_TAG = '311';
const PLATFORMS = [
  'manylinux_2_28_x86_64',
  'manylinux_2_27_x86_64',
  'manylinux_2_17_x86_64',
  'manylinux2014_x86_64',
  'manylinux1_x86_64',
];

/** The libraries that the addon is linked with, the headers that it is compiled with, and on a GPU NVIDIA's libraries. */
const WANTED = [
  /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/,
  /^tensorflow\/include\/(tensorflow\/(c|core\/platform)|tsl\/platform|xla\/tsl\/c)\/[^]*\.h$/,
  /^nvidia\/[^/]+\/(lib|bin|nvvm)\//,
];

/** `gpu` when `ASSAY_DEVICE` says so, or when it is unset and an NVIDIA driver is loaded. */
export function chooseVariant(env = process.env, hasDriver = existsSync('/proc/driver/nvidia/version')) {
  const asked = env.ASSAY_DEVICE;
  if (asked !== undefined && asked !== '' && asked !== 'cpu' && asked !== 'gpu') {
    throw new SetupError(
      'USAGE',
      `ASSAY_DEVICE is '${asked}', and it may be cpu or gpu`,
      'unset it, or set it to one of them',
    );
  }
  return asked === 'cpu' || asked === 'gpu' ? asked : hasDriver ? 'gpu' : 'cpu';
}

const requirementsOf = (variant) => join(REQUIREMENTS, `engine-${variant}.txt`);

/** The pinned TensorFlow version of a variant. */
export function engineVersion(variant) {
  const found = /^tensorflow(?:-cpu)?==(\S+)/m.exec(readFileSync(requirementsOf(variant), 'utf8'));
  return found[1];
}

/** Directory of an unpacked engine. */
export const engineDir = (variant) => join(HOME, 'engine', `${variant}-${engineVersion(variant)}`);

/** Downloads the pinned wheels, checks their hashes and unpacks what the addon needs. */
export async function installEngine(variant) {
  const dir = engineDir(variant);
  sweep(join(HOME, 'engine'));
  if (existsSync(join(dir, 'complete'))) return;
  await timed(`TensorFlow ${engineVersion(variant)} for ${variant}`, async () => {
    const wheels = await download(variant);
    const temporary = `${dir}.tmp-${process.pid}`;
    mkdirSync(temporary, { recursive: true });
    for (const wheel of wheels)
      await unzip(wheel, temporary, (name) => WANTED.some((pattern) => pattern.test(name)));
    await strip(temporary);
    writeFileSync(join(temporary, 'complete'), '');
    rmSync(dir, { recursive: true, force: true });
    renameSync(temporary, dir);
    rmSync(downloadDir(variant), { recursive: true, force: true });
  });
}

/** Removes what a killed set-up left half unpacked. */
function sweep(parent) {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent))
    if (name.includes('.tmp-')) rmSync(join(parent, name), { recursive: true, force: true });
}

const downloadDir = (variant) => join(HOME, 'download', `engine-${variant}`);

/** Wheels are kept until they are unpacked, so that a second try downloads only what is missing; pip checks every hash. */
async function download(variant) {
  const dir = downloadDir(variant);
  mkdirSync(dir, { recursive: true });
  if (variant === 'gpu') say('downloading 3.4 GB of TensorFlow and CUDA libraries');
  const args = [
    '-m',
    'pip',
    'download',
    '--disable-pip-version-check',
    '--no-deps',
    '--no-cache-dir',
    '--progress-bar=off',
    '--require-hashes',
    '--only-binary=:all:',
    '--implementation',
    'cp',
    '--python-version',
    PYTHON_TAG,
    '--abi',
    `cp${PYTHON_TAG}`,
    '--abi',
    'none',
  ];
  for (const platform of PLATFORMS) args.push('--platform', platform);
  const onLine = (line) => /^\s*Downloading /.test(line) && say(line.trim());
  const { status, output } = await runProcess(
    pythonOf('tools'),
    [...args, '--dest', dir, '-r', requirementsOf(variant)],
    { onLine },
  );
  if (status !== 0 && /DO NOT MATCH THE HASHES|hash/i.test(output)) {
    rmSync(dir, { recursive: true, force: true });
    throw new SetupError(
      'WHEEL_HASH',
      `a downloaded TensorFlow wheel has another SHA-256 than requirements/engine-${variant}.txt pins:\n${tail(output)}`,
      'the download was deleted; run the same command again. If it happens again, the package index serves something else: do not go on',
    );
  }
  if (status !== 0)
    throw new SetupError(
      'ENGINE_DOWNLOAD',
      `TensorFlow could not be downloaded:\n${tail(output)}`,
      NETWORK_FIX,
    );
  return readdirSync(dir)
    .filter((name) => name.endsWith('.whl'))
    .map((name) => join(dir, name));
}

/** Debug symbols are a quarter of the library. Without `strip` it stays as it is. */
async function strip(dir) {
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
    join(dir, 'tensorflow', name),
  );
  await runProcess('strip', ['--strip-unneeded', ...libraries.filter(existsSync)]);
}
