import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { engineDir, engineVersion } from './engine.mjs';
import { digestOf, HOME, ROOT } from './paths.mjs';
import { runProcess, tail } from './run-process.mjs';
import { SetupError, timed } from './setup-error.mjs';

const PACKAGE = join(ROOT, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
const LINK = join(PACKAGE, 'lib', 'napi-v8', 'tfjs_binding.node');
const RECIPE = 'v2';

/**
 * What TensorFlow opens by name when it looks for a GPU. Its own search paths do not lead to the unpacked wheels, but a
 * library that is loaded already is found, so the addon needs each of them.
 */
const NVIDIA_LIBRARIES = [
  'cudart',
  'cublas',
  'cublasLt',
  'cudnn',
  'cufft',
  'cupti',
  'cusolver',
  'cusparse',
  'nccl',
  'nvrtc',
];

/** Path of the compiled addon for a variant, named by a digest of all that goes into it. */
export function addonPath(variant) {
  return join(
    HOME,
    'addon',
    digestOf(
      ...sources().map((path) => readFileSync(path)),
      basename(engineDir(variant)),
      process.arch,
      RECIPE,
    ),
    'tfjs_binding.node',
  );
}

const sources = () => ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(PACKAGE, 'binding', name));

/**
 * Compiles the package's own C++ sources against the engine by one compiler call. The addon is plain Node-API, so one
 * file serves every supported Node; it lives outside node_modules, where `npm ci` cannot lose it.
 */
export async function installAddon(variant, findCompiler) {
  const addon = addonPath(variant);
  if (!existsSync(addon))
    await timed('engine addon compiled', async () => compile(addon, variant, await findCompiler()));
  link(addon);
}

/** Links a compiled addon into the packages that `npm ci` has just replaced, whatever becomes of the other steps. */
export function linkAddonIfCompiled(variant) {
  const addon = addonPath(variant);
  if (existsSync(addon)) link(addon);
}

async function compile(addon, variant, compiler) {
  const library = join(engineDir(variant), 'tensorflow');
  const temporary = `${addon}.tmp-${process.pid}`;
  mkdirSync(dirname(addon), { recursive: true });
  const args = [
    ...[
      '-std=c++17',
      '-O2',
      '-fPIC',
      '-shared',
      '-DNAPI_VERSION=8',
      '-DNODE_GYP_MODULE_NAME=tfjs_binding',
      '-DBUILDING_NODE_EXTENSION',
    ],
    ...[
      `-I${join(ROOT, 'node_modules/node-api-headers/include')}`,
      `-I${join(library, 'include')}`,
      ...sources(),
    ],
    ...[
      `-L${library}`,
      '-l:libtensorflow_cc.so.2',
      '-l:libtensorflow_framework.so.2',
      runPath(addon, library),
      ...(variant === 'gpu' ? nvidiaArguments(addon, engineDir(variant)) : []),
      '-o',
      temporary,
    ],
  ];
  const { status, output } = await runProcess(compiler, args);
  if (status !== 0) {
    rmSync(temporary, { force: true });
    throw new SetupError(
      'ADDON',
      `the engine's addon did not compile with ${compiler}:\n${tail(output, 12)}`,
      'use g++ 9 or newer (set CXX), then run the same command again',
    );
  }
  const build = {
    tensorflowVersion: engineVersion(variant),
    variant,
    engine: basename(engineDir(variant)),
    compiler,
  };
  writeFileSync(join(dirname(addon), 'build.json'), `${JSON.stringify(build, null, 2)}\n`);
  renameSync(temporary, addon);
}

/** Where the addon looks for a library, seen from its own folder, so that both may be moved together. */
const runPath = (addon, folder) => `-Wl,-rpath,$ORIGIN/${relative(dirname(addon), folder)}`;

/** Arguments that make the addon need every library of NVIDIA that TensorFlow will open. */
export function nvidiaArguments(addon, engine) {
  const folder = join(engine, 'nvidia');
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
  const found = NVIDIA_LIBRARIES.map((name) => {
    const file = files.find((path) => new RegExp(`(^|/)lib${name}\\.so\\.\\d+$`).test(path));
    if (file === undefined)
      throw new SetupError(
        'ENGINE_INCOMPLETE',
        `the GPU engine in ${engine} has no lib${name}, which TensorFlow opens`,
        'delete that folder, then run the same command again',
      );
    return join(folder, file);
  });
  return ['-Wl,--no-as-needed', ...found, ...found.map((file) => runPath(addon, dirname(file)))];
}

function link(addon) {
  const present = lstatSync(LINK, { throwIfNoEntry: false });
  if (present?.isSymbolicLink() && readlinkSync(LINK) === addon) return;
  mkdirSync(dirname(LINK), { recursive: true });
  rmSync(LINK, { force: true });
  symlinkSync(addon, LINK);
}
