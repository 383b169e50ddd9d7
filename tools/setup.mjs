// Set-up of a checkout, with Node's built-in modules only: packages, engine, addon, Python environments.
// Each step has a stamp and is skipped when it is done; a step that was killed is done again.
//   node tools/setup.mjs [--with references] [--with peers] [--json]
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addonPath, installAddon, linkAddonIfCompiled } from './setup/addon.mjs';
import {
  chooseVariant,
  downloadedBytes,
  engineDir,
  engineVersion,
  installEngine,
  isEngineInstalled,
} from './setup/engine.mjs';
import { withLock } from './setup/lock.mjs';
import { areNpmPackagesInstalled, installNpmPackages } from './setup/npm-packages.mjs';
import { HOME, readOr, ROOT } from './setup/paths.mjs';
import { checkFreeSpace, checkPrerequisites, findCompiler, requirePython } from './setup/prerequisites.mjs';
import { installEnvironment, installTools, isInstalled, pythonOf } from './setup/python-environments.mjs';
import { say, SetupError } from './setup/setup-error.mjs';
import { placeCudaPlaceholders } from './setup/torch-without-cuda.mjs';

const args = process.argv.slice(2);
const USAGE = 'node tools/setup.mjs [--with references] [--with peers] [--json]';
const withReferences = args.join(' ').includes('--with references');
const withPeers = args.join(' ').includes('--with peers');
const withMlflow = !process.env.MLFLOW_TRACKING_URI;

try {
  checkArguments();
  // Several checkouts may share a home, and several homes may serve a checkout.
  await withLock(join(ROOT, '.assay', 'checkout.lock'), () => withLock(join(HOME, 'setup.lock'), setUp));
} catch (error) {
  if (error?.code === 'ENOSPC')
    say(
      `error [DISK_FULL]: no space left in ${HOME}\n  fix: free space, or set ASSAY_HOME to a folder on another disk, then run the same command again`,
    );
  else if (error instanceof SetupError) say(error.message);
  else throw error;
  process.exitCode = error.code === 'USAGE' ? 2 : 1;
}

function checkArguments() {
  const unknown = args
    .join(' ')
    .replace(/--with (references|peers)(?= |$)|--json/g, '')
    .trim();
  if (unknown !== '')
    throw new SetupError('USAGE', `'${unknown}' is not an option of set-up`, `call it as ${USAGE}`);
}

async function setUp() {
  const start = Date.now();
  const variant = chooseVariant();
  const python = await checkPrerequisites(HOME);
  checkFreeSpace(HOME, missingSteps(variant), downloadedBytes(variant));
  const needsPeers = withPeers && !isInstalled('peers');
  if (needsPeers) await requirePython(python, 11, 'the peers');
  if (needsPeers || !isEngineInstalled(variant)) await findCompiler(); // before the download, not after it

  const npm = installNpmPackages().then(() => linkAddonIfCompiled(variant));
  const tools = installTools(python);
  const engine = tools.then(() => installEngine(variant));
  const addon = Promise.all([npm, engine]).then(() => installAddon(variant, findCompiler));
  const environments = tools.then(async () => {
    if (withMlflow) await installEnvironment('mlflow', python, { title: 'MLflow server' });
    if (withReferences) await installEnvironment('references', python, { title: 'Python references' });
    if (withPeers)
      await installEnvironment('peers', python, { title: 'Python peers', finish: placeCudaPlaceholders });
  });
  await allOrFirstError([npm, tools, engine, addon, environments]);

  const facts = factsOf(variant);
  writeFacts(facts);
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
  const seconds = (Date.now() - start) / 1000;
  if (seconds > 2) say(`ready in ${seconds.toFixed(0)} s`);
}

/** The steps that need room on the disk. */
function missingSteps(variant) {
  const steps = { npm: areNpmPackagesInstalled(), [`engine-${variant}`]: isEngineInstalled(variant) };
  if (withMlflow) steps.mlflow = isInstalled('mlflow');
  if (withReferences) steps.references = isInstalled('references');
  if (withPeers) steps.peers = isInstalled('peers');
  return Object.keys(steps).filter((step) => !steps[step]);
}

/** Waits until every step has ended, so that none goes on behind an error message, then throws the first error. */
async function allOrFirstError(steps) {
  const results = await Promise.allSettled(steps);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function factsOf(variant) {
  const environment = (name) => (isInstalled(name) ? pythonOf(name) : null);
  return {
    engine: { version: engineVersion(variant), variant, dir: engineDir(variant), addon: addonPath(variant) },
    python: {
      tools: environment('tools'),
      mlflow: environment('mlflow'),
      references: environment('references'),
      peers: environment('peers'),
    },
  };
}

/** What is installed and where, for the command line and the tests. */
function writeFacts(facts) {
  const path = join(HOME, 'setup.json');
  const text = `${JSON.stringify(facts, null, 2)}\n`;
  if (readOr(path) === text) return;
  mkdirSync(HOME, { recursive: true });
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}
