// What set-up says and does when something is missing. No test downloads anything: wheels are made here.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { chooseVariant } from './engine.mjs';
import { requirementsIn } from './wheels.mjs';
import { unzip } from './zip.mjs';

const SETUP = join(dirname(fileURLToPath(import.meta.url)), '..', 'setup.mjs');
let dir;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'assay-setup-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const home = () => join(dir, 'home');
const CLOSED = 'http://127.0.0.1:9/simple';

function setUp(env = {}, args = []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SETUP, ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      ASSAY_HOME: home(),
      ASSAY_DEVICE: 'cpu',
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
      PIP_INDEX_URL: CLOSED,
      PIP_FIND_LINKS: '',
      PIP_RETRIES: '0',
      PIP_DEFAULT_TIMEOUT: '2',
      UV_INDEX_URL: CLOSED,
      ...env,
    },
  });
  return { status, stdout, stderr };
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
function zip(files, { breakByte = false } = {}) {
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
  const real = JSON.parse(readFileSync(join(dirname(SETUP), '..', '.assay', 'setup.json'), 'utf8')).python
    .tools;
  const bin = join(home(), 'python', 'tools', 'bin');
  const tools = readFileSync(join(dirname(SETUP), '..', 'requirements', 'tools.txt'));
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'python'), `#!/bin/sh\nexec ${real} "$@"\n`, { mode: 0o755 });
  writeFileSync(
    join(home(), 'python', 'tools', 'assay-stamp'),
    createHash('sha256').update(tools).update('\0').digest('hex').slice(0, 16),
  );
  const folder = join(dir, 'requirements');
  mkdirSync(folder);
  writeFileSync(join(folder, 'tools.txt'), tools);
  writeFileSync(join(folder, 'engine-cpu.txt'), requirements);
  return folder;
}

const WHEEL = 'tensorflow_cpu-9.9.9-cp311-cp311-manylinux_2_27_x86_64.whl';

function fakeWheel() {
  const wheels = join(dir, 'wheels');
  mkdirSync(wheels);
  const bytes = zip({
    'tensorflow/libtensorflow_cc.so.2': 'not a library',
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
  assert.deepEqual(readdirSync(join(home(), 'download', 'engine-cpu')), []);
  assert.equal(existsSync(join(home(), 'engine', 'cpu-9.9.9')), false);
});

test('an engine that a killed set-up left half unpacked is swept and made again; only what is needed is unpacked', () => {
  const { wheels, sha256 } = fakeWheel();
  const folder = homeWithTools(`tensorflow-cpu==9.9.9 --hash=sha256:${sha256}\n`);
  mkdirSync(join(home(), 'engine', 'cpu-9.9.9.tmp-123'), { recursive: true });
  const { stderr } = setUp({ ASSAY_REQUIREMENTS: folder, PIP_FIND_LINKS: wheels, PIP_NO_INDEX: '1' });
  assert.match(stderr, /error \[ADDON\]/); // the library is not one, which the linker notices
  assert.deepEqual(readdirSync(join(home(), 'engine')), ['cpu-9.9.9']);
  assert.deepEqual(readdirSync(join(home(), 'engine', 'cpu-9.9.9', 'tensorflow')).sort(), [
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
  assert.deepEqual(readdirSync(join(home(), 'download', 'engine-cpu')), [WHEEL]);
});

test('the lock of a dead process is taken over, that of a live one is waited for', async () => {
  mkdirSync(home());
  writeFileSync(join(home(), 'setup.lock'), '999999 1');
  assert.match(setUp({ ASSAY_SETUP_MIN_FREE_BYTES: '1e18' }).stderr, /DISK_FULL/);
  const start = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[19];
  writeFileSync(join(home(), 'setup.lock'), `${process.pid} ${start}`);
  const child = spawn(process.execPath, [SETUP], {
    env: { ...process.env, ASSAY_HOME: home(), ASSAY_SETUP_MIN_FREE_BYTES: '1e18' },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  while (!stderr.includes('waiting for another set-up'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(join(home(), 'setup.lock'));
  await new Promise((resolve) => child.on('close', resolve));
  assert.match(stderr, /DISK_FULL/);
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

test('a second call does nothing and says nothing', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SETUP, '--json'], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.equal(stderr, '');
  assert.match(JSON.parse(stdout).engine.version, /^\d+\.\d+\.\d+$/);
});
