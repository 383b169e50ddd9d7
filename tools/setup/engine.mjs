import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { digestOf, HOME, REQUIREMENTS } from './paths.mjs';
import { runProcess } from './run-process.mjs';
import { SetupError, timed } from './setup-error.mjs';
import { downloadWheels, requirementsIn, sizeOf } from './wheels.mjs';
import { unzip } from './zip.mjs';

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

const requirementsOf = (variant) => readFileSync(join(REQUIREMENTS, `engine-${variant}.txt`), 'utf8');

/** The pinned TensorFlow version of a variant. */
export function engineVersion(variant) {
  const found = /^tensorflow(?:-cpu)?==(\S+)/m.exec(requirementsOf(variant));
  return found[1];
}

/** Whether the engine of a variant is unpacked. */
export const isEngineInstalled = (variant) => existsSync(join(engineDir(variant), 'complete'));

/** Directory of an unpacked engine; another pin is another directory. */
export const engineDir = (variant) => {
  const pins = digestOf(...requirementsIn(requirementsOf(variant)));
  return join(HOME, 'engine', `${variant}-${engineVersion(variant)}-${pins}`);
};

/** Bytes of the wheels that an earlier try has downloaded. */
export const downloadedBytes = (variant) => sizeOf(downloadDir(variant));

/** Downloads the pinned wheels, checks their hashes and unpacks what the addon needs. */
export async function installEngine(variant) {
  const dir = engineDir(variant);
  sweep(join(HOME, 'engine'));
  if (isEngineInstalled(variant)) return;
  await timed(`TensorFlow ${engineVersion(variant)} for ${variant}`, async () => {
    const wheels = await downloadWheels(`engine-${variant}`, downloadDir(variant));
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

/** Wheels stay here until all are unpacked. */
const downloadDir = (variant) => join(HOME, 'download', basename(engineDir(variant)));

/** Debug symbols are a quarter of the library. Without `strip` it stays as it is. */
async function strip(dir) {
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
    join(dir, 'tensorflow', name),
  );
  await runProcess('strip', ['--strip-unneeded', ...libraries.filter(existsSync)]);
}
