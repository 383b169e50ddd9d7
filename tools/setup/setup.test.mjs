// What set-up says and does when something is missing. No test downloads anything or touches this checkout: set-up is
// copied to a root of its own, npm and the compiler are scripts, and wheels are made here.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs, {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { chooseVariant } from './engine.mjs';
import { removeDead } from './lock.mjs';
import { digestOf } from './paths.mjs';
import { neededBytes } from './prerequisites.mjs';
import { startTimeOf } from './process-identity.mjs';
import { requirementsIn, sizeOf } from './wheels.mjs';
import { unzip } from './zip.mjs';

const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
let dir;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-setup-'));
  for (const part of ['tools/setup.mjs', 'tools/setup', 'requirements'])
    cpSync(join(CHECKOUT, part), join(root(), part), { recursive: true });
  writeFileSync(join(root(), 'package-lock.json'), '{}');
  writeFileSync(join(dir, 'npm.js'), FAKE_NPM);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const root = () => join(dir, 'root');
const home = () => join(dir, 'home');
const script = () => join(root(), 'tools', 'setup.mjs');
const addonLink = () =>
  join(root(), 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib', 'napi-v8', 'tfjs_binding.node');

/** `npm ci` in a few lines: everything is removed, then the sources of the addon are there. */
const FAKE_NPM = `
  const { appendFileSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
  appendFileSync(__dirname + '/npm.log', process.argv[2] + '\\n');
  rmSync('node_modules', { recursive: true, force: true });
  const binding = 'node_modules/@tensorflow/tfjs-node-gpu/binding';
  mkdirSync(binding, { recursive: true });
  for (const name of ['tfjs_backend.cc', 'tfjs_binding.cc']) writeFileSync(binding + '/' + name, '');
`;
const npmCalls = () => readFileSync(join(dir, 'npm.log'), 'utf8').trim().split('\n').length;
const CLOSED = 'http://127.0.0.1:9/simple';

const environment = () => ({
  ...process.env,
  npm_execpath: join(dir, 'npm.js'),
  ASSAY_HOME: home(),
  ASSAY_DEVICE: 'cpu',
  MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
  PIP_INDEX_URL: CLOSED,
  PIP_FIND_LINKS: '',
  PIP_RETRIES: '0',
  PIP_DEFAULT_TIMEOUT: '2',
  UV_INDEX_URL: CLOSED,
});

function setUp(env = {}, args = []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script(), ...args], {
    encoding: 'utf8',
    env: { ...environment(), ...env },
  });
  return { status, stdout, stderr };
}

/** Starts set-up, waits until it says that it waits for another one, takes the lock away and gives what it said in all. */
async function setUpBehind(lock, env = {}) {
  const child = spawn(process.execPath, [script()], { env: { ...environment(), ...env } });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  while (!stderr.includes('waiting for another set-up'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(lock);
  await once(child, 'close');
  return stderr;
}

/** A folder with links to some programs, to stand in for PATH. */
function pathWith(...programs) {
  const bin = join(dir, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of programs) {
    const found = process.env.PATH.split(delimiter)
      .map((folder) => join(folder, program))
      .find(existsSync);
    if (found !== undefined) symlinkSync(found, join(bin, program));
  }
  return bin;
}

/** A stored (not compressed) or deflated zip of some files. */
function zip(files, { breakByte = false, modes = {} } = {}) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = zlib.deflateRawSync(Buffer.from(text));
    const size = Buffer.byteLength(text);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(8, 8);
    header.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE((zlib.crc32(Buffer.from(text)) ^ (breakByte ? 1 : 0)) >>> 0, 16);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(((modes[name] ?? 0) << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    parts.push(header, Buffer.from(name), data);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** The interpreter itself: the `python3` of a PATH may be a script of a version manager, which needs more than PATH. */
function interpreter() {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return stdout.trim();
}

test('no compiler: one message that names the fix, before anything is downloaded', () => {
  const { status, stderr } = setUp({ PATH: pathWith(), ASSAY_PYTHON: interpreter(), CXX: '' });
  assert.equal(status, 1);
  assert.match(stderr, /error \[COMPILER\]: no C\+\+ compiler was found.*\n {2}fix: apt-get install g\+\+/);
  assert.deepEqual(readdirSync(home()), []);
});

test('an option that set-up does not have is a usage error', () => {
  const { status, stderr } = setUp({}, ['--with', 'everything']);
  assert.equal(status, 2);
  assert.match(stderr, /error \[USAGE\]: '--with everything' is not an option of set-up/);
});

test('no Python: one message that names the fix', () => {
  const { status, stderr } = setUp({ PATH: pathWith('g++') });
  assert.equal(status, 1);
  assert.match(stderr, /error \[PYTHON\]: no Python was found.*\n {2}fix: apt-get install python3/);
});

test('a Python without venv: one message that names the fix', () => {
  const bin = pathWith();
  writeFileSync(join(bin, 'python3'), '#!/bin/sh\necho 3 11\nexit 1\n', { mode: 0o755 });
  const { status, stderr } = setUp({ PATH: bin + delimiter + '/bin', ASSAY_PYTHON: join(bin, 'python3') });
  assert.equal(status, 1);
  assert.match(stderr, /error \[PYTHON\]: .*no venv or ensurepip/);
});

test('an unsupported Python is named with its version', () => {
  const bin = pathWith();
  writeFileSync(join(bin, 'python3'), '#!/bin/sh\necho 3 8\n', { mode: 0o755 });
  const { stderr } = setUp({ ASSAY_PYTHON: join(bin, 'python3') });
  assert.match(stderr, /is Python 3\.8, and 3\.10 to 3\.13 are supported/);
});

test('too little disk: one message, before anything is downloaded', () => {
  const { status, stderr } = setUp({ ASSAY_SETUP_MIN_FREE_BYTES: '1e18' });
  assert.equal(status, 1);
  assert.match(stderr, /error \[DISK_FULL\]: .* GB free, and set-up needs 1000000000\.0 GB/);
  assert.deepEqual(readdirSync(home()), []);
});

test('no network: one message that says a rerun goes on', () => {
  const { status, stderr } = setUp();
  assert.equal(status, 1);
  assert.match(
    stderr,
    /error \[PIP\]: pip could not install uv[^]*fix: check that the Python package index is reachable.*goes on where it stopped/,
  );
  assert.equal(stderr.match(/error \[/g).length, 1);
});

/** A home whose tools are a Python with pip, so that the engine's download can be tried. */
function homeWithTools(requirements) {
  const real = JSON.parse(readFileSync(join(CHECKOUT, '.assay', 'setup.json'), 'utf8')).python.tools;
  const bin = join(home(), 'python', 'tools', 'bin');
  const tools = readFileSync(join(CHECKOUT, 'requirements', 'tools.txt'));
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'python'), `#!/bin/sh\nexec ${real} "$@"\n`, { mode: 0o755 });
  writeFileSync(
    join(home(), 'python', 'tools', 'assay-stamp'),
    createHash('sha256').update(tools).update('\0').digest('hex').slice(0, 16),
  );
  const folder = join(dir, 'requirements');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tools.txt'), tools);
  writeFileSync(join(folder, 'engine-cpu.txt'), requirements);
  return folder;
}

/** The only folder below one of the home's, whose name ends in the digest of the pins. */
function onlyFolder(of, start = 'cpu-9.9.9-') {
  const names = readdirSync(join(home(), of));
  assert.equal(names.length, 1, `${of} holds ${names}`);
  assert.ok(names[0].startsWith(start), names[0]);
  return join(home(), of, names[0]);
}

const WHEEL = 'tensorflow_cpu-9.9.9-cp311-cp311-manylinux_2_27_x86_64.whl';

function fakeWheel(library = 'not a library') {
  const wheels = join(dir, 'wheels');
  mkdirSync(wheels, { recursive: true });
  const bytes = zip({
    'tensorflow/libtensorflow_cc.so.2': library,
    'tensorflow/libtensorflow_framework.so.2': 'not a library',
    'tensorflow/python/big.py': 'left out',
    'tensorflow_cpu-9.9.9.dist-info/WHEEL':
      'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_27_x86_64\n',
    'tensorflow_cpu-9.9.9.dist-info/METADATA':
      'Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 9.9.9\n',
  });
  writeFileSync(join(wheels, WHEEL), bytes);
  return { wheels, sha256: createHash('sha256').update(bytes).digest('hex') };
}

test('a wheel with another hash is refused and deleted', () => {
  const { wheels } = fakeWheel();
  const folder = homeWithTools(`tensorflow-cpu==9.9.9 --hash=sha256:${'0'.repeat(64)}\n`);
  const { status, stderr } = setUp({ ASSAY_REQUIREMENTS: folder, PIP_FIND_LINKS: wheels, PIP_NO_INDEX: '1' });
  assert.equal(status, 1);
  assert.match(stderr, /error \[WHEEL_HASH\]: a downloaded wheel has another SHA-256/);
  assert.deepEqual(readdirSync(onlyFolder('download')), []);
  assert.equal(existsSync(join(home(), 'engine')), false);
});

test('an engine that a killed set-up left half unpacked is swept and made again; only what is needed is unpacked', () => {
  const { wheels, sha256 } = fakeWheel();
  const folder = homeWithTools(`tensorflow-cpu==9.9.9 --hash=sha256:${sha256}\n`);
  mkdirSync(join(home(), 'engine', 'cpu-9.9.9.tmp-123'), { recursive: true });
  const { stderr } = setUp({ ASSAY_REQUIREMENTS: folder, PIP_FIND_LINKS: wheels, PIP_NO_INDEX: '1' });
  assert.match(stderr, /error \[ADDON\]/); // the library is not one, which the linker notices
  assert.deepEqual(readdirSync(join(onlyFolder('engine'), 'tensorflow')).sort(), [
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
  ]);
});

test('requirements are read one by one, each with all its hashes', () => {
  assert.deepEqual(
    requirementsIn('# why\na==1 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nb==2 --hash=sha256:3\n'),
    ['a==1 --hash=sha256:1 --hash=sha256:2', 'b==2 --hash=sha256:3'],
  );
});

test('a wheel that was downloaded before stays when a later one fails, so that a rerun goes on', () => {
  const { wheels, sha256 } = fakeWheel();
  const folder = homeWithTools(
    `tensorflow-cpu==9.9.9 --hash=sha256:${sha256}\nmissing==1 --hash=sha256:${sha256}\n`,
  );
  const { status, stderr } = setUp({ ASSAY_REQUIREMENTS: folder, PIP_FIND_LINKS: wheels, PIP_NO_INDEX: '1' });
  assert.equal(status, 1);
  assert.match(stderr, /error \[ENGINE_DOWNLOAD\]: missing==1 could not be downloaded/);
  assert.deepEqual(readdirSync(onlyFolder('download')), [WHEEL]);
});

/** A home and a compiler with which every step succeeds; gives what set-up needs in its environment. */
function everythingWorks(library) {
  const { wheels, sha256 } = fakeWheel(library);
  const folder = homeWithTools(`tensorflow-cpu==9.9.9 --hash=sha256:${sha256}\n`);
  const compiler = join(dir, 'compiler');
  const write = 'while [ $# -gt 1 ]; do [ "$1" = -o ] && echo addon > "$2"; shift; done';
  writeFileSync(compiler, `#!/bin/sh\n${write}\nexit 0\n`, { mode: 0o755 });
  return { ASSAY_REQUIREMENTS: folder, PIP_FIND_LINKS: wheels, PIP_NO_INDEX: '1', CXX: compiler };
}

test('a second call does nothing and says nothing', () => {
  const env = everythingWorks();
  assert.equal(setUp(env).status, 0);
  const { status, stdout, stderr } = setUp({ ...env, ASSAY_SETUP_MIN_FREE_BYTES: '1e18' }, ['--json']);
  assert.deepEqual([status, stderr, npmCalls()], [0, '', 1]);
  assert.equal(JSON.parse(stdout).engine.version, '9.9.9');
  assert.equal(readlinkSync(addonLink()), JSON.parse(stdout).engine.addon);
});

test('a changed pin of the same version is installed beside the earlier one', () => {
  assert.equal(setUp(everythingWorks('first')).status, 0);
  const first = onlyFolder('engine');
  assert.equal(setUp(everythingWorks('second')).status, 0);
  const other = readdirSync(join(home(), 'engine')).find((name) => !first.endsWith(name));
  const read = (folder) => readFileSync(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'), 'utf8');
  assert.deepEqual([read(first), read(join(home(), 'engine', other))], ['first', 'second']);
  const build = readFileSync(join(dirname(readlinkSync(addonLink())), 'build.json'), 'utf8');
  assert.equal(JSON.parse(build).engine, other);
});

test('a wheel in the download folder that nobody pinned is deleted, not unpacked', () => {
  const env = everythingWorks();
  assert.equal(setUp({ ...env, PIP_FIND_LINKS: '' }).status, 1);
  const download = onlyFolder('download');
  writeFileSync(
    join(download, 'a-1-py3-none-any.whl'),
    zip({ 'tensorflow/libtensorflow_cc.so.2': 'foreign' }),
  );
  writeFileSync(
    join(download, 'z-1-py3-none-any.whl'),
    zip({ 'tensorflow/libtensorflow_cc.so.2': 'foreign' }),
  );
  assert.equal(setUp(env).status, 0);
  const library = join(onlyFolder('engine'), 'tensorflow', 'libtensorflow_cc.so.2');
  assert.equal(readFileSync(library, 'utf8'), 'not a library');
});

test('npm ci takes the link to the addon away, and it is back even when a later step fails', () => {
  const env = everythingWorks();
  assert.equal(setUp(env).status, 0);
  const addon = readlinkSync(addonLink());
  writeFileSync(join(root(), 'package-lock.json'), '{"changed": true}');
  writeFileSync(join(env.ASSAY_REQUIREMENTS, 'references.txt'), 'none==1 --hash=sha256:0\n');
  const { status, stderr } = setUp(env, ['--with', 'references']);
  assert.match(stderr, /error \[PYTHON\]: the environment 'references' could not be made/); // there is no uv
  assert.deepEqual([status, npmCalls(), readlinkSync(addonLink())], [1, 2, addon]);
});

test('the peers and the references may be asked for together', () => {
  const env = everythingWorks();
  const { stderr } = setUp(env, ['--with', 'references', '--with', 'peers', '--json']);
  assert.match(stderr, /error/); // these requirements have no list of them
  assert.doesNotMatch(stderr, /error \[USAGE\]/);
});

test('the peers need Python 3.11, and that is said before they are downloaded', () => {
  const env = everythingWorks();
  assert.equal(setUp(env).status, 0);
  const old = join(dir, 'old-python');
  writeFileSync(old, '#!/bin/sh\necho 3 10\n', { mode: 0o755 });
  const { stderr } = setUp({ ...env, ASSAY_PYTHON: old }, ['--with', 'peers']);
  assert.match(stderr, /error \[PYTHON\]: .*old-python is Python 3\.10, and the peers need 3\.11 to 3\.13/);
  assert.equal(existsSync(join(home(), 'python', 'peers')), false);
});

test('the peers need a compiler, and that is said before they are downloaded', () => {
  const env = everythingWorks();
  assert.equal(setUp(env).status, 0);
  const bin = pathWith();
  const { stderr } = setUp({ ...env, PATH: bin, ASSAY_PYTHON: interpreter(), CXX: 'none' }, [
    '--with',
    'peers',
  ]);
  assert.match(stderr, /error \[COMPILER\]/);
  assert.equal(existsSync(join(home(), 'python', 'peers')), false);
});

test('a missing environment alone needs room too', () => {
  const env = everythingWorks();
  assert.equal(setUp(env).status, 0);
  cpSync(join(CHECKOUT, 'requirements', 'mlflow.txt'), join(env.ASSAY_REQUIREMENTS, 'mlflow.txt'));
  const { stderr } = setUp({ ...env, MLFLOW_TRACKING_URI: '', ASSAY_SETUP_MIN_FREE_BYTES: '1e18' });
  assert.match(stderr, /error \[DISK_FULL\]/);
});

test('wheels that an earlier try has downloaded need no room again', () => {
  assert.equal(neededBytes(['npm', 'engine-gpu'], 3e9), 8.5e9);
  assert.equal(neededBytes(['mlflow'], 1e9), 0);
});

const FULL = { ASSAY_SETUP_MIN_FREE_BYTES: '1e18' };
const lockPaths = () => [join(home(), 'setup.lock'), join(root(), '.assay', 'checkout.lock')];

function writeLocks(content) {
  for (const path of lockPaths()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

test('the lock of a dead process is taken over, and so is one that names nobody', () => {
  for (const content of ['999999 1', '', 'half']) {
    writeLocks(content);
    assert.match(setUp(FULL).stderr, /DISK_FULL/);
    assert.deepEqual([...readdirSync(home()), ...readdirSync(join(root(), '.assay'))], []);
  }
});

test('a live set-up is waited for, in the same home and in the same checkout', async () => {
  for (const lock of lockPaths()) {
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, `${process.pid} ${startTimeOf(process.pid)}`);
    assert.match(await setUpBehind(lock, FULL), /DISK_FULL/);
  }
});

const DEAD = '999999 1';
const claimOn = (lock, ...claimants) =>
  `${lock}.rescue-${digestOf(DEAD, String(claimants.length), claimants.at(-1) ?? DEAD)}`;

test('a set-up that had read a dead lock before another took it over never moves that live lock, not for a moment', () => {
  const lock = join(dir, 'x.lock');
  writeFileSync(lock, `${process.pid} ${startTimeOf(process.pid)}`);
  const before = statSync(lock);
  removeDead(lock, DEAD);
  const { ino, ctimeMs } = statSync(lock);
  assert.deepEqual([ino, ctimeMs], [before.ino, before.ctimeMs]);
});

test('a rescue of a lock that a live set-up is at is left to it; one whose set-ups died is finished', () => {
  const lock = join(dir, 'x.lock');
  const left = () => readdirSync(dir).filter((name) => name.startsWith('x.lock'));
  writeFileSync(lock, DEAD);
  writeFileSync(claimOn(lock), '999998 1');
  writeFileSync(claimOn(lock, '999998 1'), `${process.pid} ${startTimeOf(process.pid)}`);
  removeDead(lock, DEAD);
  assert.equal(left().length, 3);
  writeFileSync(claimOn(lock, '999998 1'), '999997 1');
  removeDead(lock, DEAD);
  assert.deepEqual(left(), []);
});

/** Takes a lock once, and in one of three cases is killed while it holds it. */
const VISITOR = `
  import { appendFileSync } from 'node:fs';
  const [, lock, log, url] = process.argv;
  const { withLock } = await import(url);
  const say = (what) => appendFileSync(log, what + ' ' + process.pid + '\\n');
  await withLock(lock, async () => {
    say('enter');
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (process.pid % 3 === 0) process.kill(process.pid, 'SIGKILL');
    say('leave');
  });
`;

test('set-ups that are killed while they hold the lock never make two others hold it at once', async () => {
  const [lock, log] = [join(dir, 'x.lock'), join(dir, 'log')];
  writeFileSync(lock, DEAD);
  const url = new URL('lock.mjs', import.meta.url).href;
  const end = Date.now() + 3000;
  const visitors = Array.from({ length: 4 }, async () => {
    while (Date.now() < end) {
      const args = ['--input-type=module', '-e', VISITOR, lock, log, url];
      await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
    }
  });
  await Promise.all(visitors);
  const visits = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const overlaps = visits.filter(([what, pid], i) => {
    const [before, other] = visits[i - 1] ?? ['leave'];
    return what === 'enter' ? before === 'enter' && other % 3 !== 0 : before !== 'enter' || pid !== other;
  });
  assert.deepEqual(overlaps, []);
  assert.ok(visits.length > 5, `${visits.length} visits`);
});

test('a set-up in another container is waited for while its lock is fresh, and its lock is taken over when it is silent', async () => {
  const [lock] = lockPaths();
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, '999999 1 0badcafe');
  const said = await setUpBehind(lock, FULL);
  assert.match(
    said,
    /waiting for another set-up \(process 999999 on another machine or in another container\)/,
  );
  assert.match(said, /DISK_FULL/);
  writeFileSync(lock, '999999 1 0badcafe');
  const long = new Date(Date.now() - 16 * 60_000);
  utimesSync(lock, long, long);
  assert.match(setUp(FULL).stderr, /DISK_FULL/);
  assert.deepEqual(readdirSync(home()), []);
});

test('what a killed set-up left at work is ended before its steps are done again', async () => {
  writeLocks('999999 1');
  const start = (env) => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env });
  const orphan = start({ ASSAY_SETUP_BY: '999999 1' });
  const stranger = start({ ASSAY_SETUP_BY: '999999 12' });
  await Promise.all([once(orphan, 'spawn'), once(stranger, 'spawn')]);
  const ended = once(orphan, 'exit');
  assert.match(setUp(FULL).stderr, /DISK_FULL/);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(stranger.exitCode, null);
  stranger.kill();
});

test('a program that has to be executable is so after unpacking', async () => {
  const path = join(dir, 'a.zip');
  const files = { 'bin/ptxas': '#!/bin/sh', 'lib/a.so': 'library' };
  writeFileSync(path, zip(files, { modes: { 'bin/ptxas': 0o100755, 'lib/a.so': 0o100644 } }));
  await unzip(path, join(dir, 'to'), () => true);
  const isExecutable = (name) => (statSync(join(dir, 'to', name)).mode & 0o100) !== 0;
  assert.deepEqual([isExecutable('bin/ptxas'), isExecutable('lib/a.so')], [true, false]);
});

test('unzip takes what is wanted, refuses paths that climb out, and notices a wrong checksum', async () => {
  const path = join(dir, 'a.zip');
  writeFileSync(path, zip({ 'a/one.txt': 'one', 'a/two.txt': 'two', '../out.txt': 'out' }));
  await unzip(path, join(dir, 'to'), (name) => !name.endsWith('two.txt'));
  assert.equal(readFileSync(join(dir, 'to', 'a', 'one.txt'), 'utf8'), 'one');
  assert.deepEqual(readdirSync(join(dir, 'to', 'a')), ['one.txt']);
  assert.equal(existsSync(join(dir, 'out.txt')), false);
  writeFileSync(path, zip({ 'a/one.txt': 'one' }, { breakByte: true }));
  await assert.rejects(
    unzip(path, join(dir, 'to'), () => true),
    /WHEEL_DAMAGED.*checksum/,
  );
  writeFileSync(path, 'no zip');
  await assert.rejects(
    unzip(path, join(dir, 'to'), () => true),
    /has no directory/,
  );
});

test('ASSAY_DEVICE decides; otherwise a loaded NVIDIA driver does', () => {
  assert.equal(chooseVariant({ ASSAY_DEVICE: 'cpu' }, true), 'cpu');
  assert.equal(chooseVariant({ ASSAY_DEVICE: 'gpu' }, false), 'gpu');
  assert.equal(chooseVariant({}, true), 'gpu');
  assert.equal(chooseVariant({}, false), 'cpu');
  assert.throws(() => chooseVariant({ ASSAY_DEVICE: 'tpu' }), /it may be cpu or gpu/);
});

test('a folder that pip removes while it is listed does not end the set-up', (t) => {
  mkdirSync(join(dir, 'pip'));
  writeFileSync(join(dir, 'pip', 'a'), '12345');
  assert.deepEqual([sizeOf(join(dir, 'pip')), sizeOf(join(dir, 'none'))], [5, 0]);
  t.mock.method(fs, 'readdirSync', () => {
    throw Object.assign(new Error('no such file or directory, scandir'), { code: 'ENOENT' });
  });
  syncBuiltinESMExports();
  try {
    assert.equal(sizeOf(join(dir, 'pip')), 0);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
});

test('docs/ERRORS.md lists exactly the codes that set-up gives, with their exit statuses', () => {
  const folder = join(CHECKOUT, 'tools', 'setup');
  const files = readdirSync(folder).filter((name) => name.endsWith('.mjs') && name !== 'setup.test.mjs');
  const sources = [join(CHECKOUT, 'tools', 'setup.mjs'), ...files.map((name) => join(folder, name))];
  const text = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
  // A code is the first argument of an error, part of a literal message, or an argument that a function hands on.
  const given = [
    ...text.matchAll(/new SetupError\(\s*'([A-Z_]+)'/g),
    ...text.matchAll(/error \[([A-Z_]+)\]/g),
    ...text.matchAll(/^ +'([A-Z_]+)',$/gm),
  ].map(([, code]) => code);
  const chapter = readFileSync(join(CHECKOUT, 'docs', 'ERRORS.md'), 'utf8').split('\n## Set-up\n')[1];
  const documented = [...chapter.matchAll(/^\| `([A-Z_]+)` +\| (\d) +\| \S/gm)];
  assert.deepEqual(documented.map(([, code]) => code).sort(), [...new Set(given)].sort());
  for (const [, code, exit] of documented) assert.equal(exit, code === 'USAGE' ? '2' : '1', code);
});
