// The libraries here are tiny ones that the compiler makes, in the place and with the names of torch's.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'torch-without-cuda.py');
const COMPILER = process.env.CXX || 'g++';

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function inTorchLibDir(use) {
  const dir = mkdtempSync(join(tmpdir(), 'assay-torch-'));
  try {
    const lib = join(dir, 'torch', 'lib');
    mkdirSync(lib, { recursive: true });
    use(lib);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Compiles `soname` beside torch's libraries; `version` is the symbol version of all that it defines. */
function library(lib, soname, source, { version, needs = [] } = {}) {
  writeFileSync(join(lib, 'source.c'), source);
  writeFileSync(join(lib, 'source.map'), `${version} { global: *; };\n`);
  const { status, stderr } = run(
    COMPILER,
    ...['-shared', '-fPIC', '-x', 'c', join(lib, 'source.c'), '-x', 'none', '-o', join(lib, soname)],
    ...[`-Wl,-soname,${soname}`, '-Wl,-rpath,$ORIGIN', ...needs.map((name) => join(lib, name))],
    ...(version === undefined ? [] : [`-Wl,--version-script,${join(lib, 'source.map')}`]),
  );
  assert.equal(status, 0, stderr);
}

const load = (lib) => run('python3', '-c', `import ctypes; ctypes.CDLL("${lib}/libtorch_python.so")`);

/** What makes Python see no GPU. */
const hidesGpus = (lib) => join(lib, '..', '..', 'torch-without-cuda.pth');

test('a library is made for each that torch needs and that is missing, with the symbols and their versions', () =>
  inTorchLibDir((lib) => {
    library(lib, 'libassayone.so.1', 'void one_call(void) {}', { version: 'ONE_1' });
    library(lib, 'libassaytwo.so.2', 'void two_call(void) {}');
    library(lib, 'libtorch_cuda.so', 'void one_call(void); void inner(void) { one_call(); }', {
      needs: ['libassayone.so.1'],
    });
    const python = 'void inner(void); void two_call(void); void outer(void) { inner(); two_call(); }';
    library(lib, 'libtorch_python.so', python, { needs: ['libtorch_cuda.so', 'libassaytwo.so.2'] });
    for (const name of ['libassayone.so.1', 'libassaytwo.so.2']) rmSync(join(lib, name));
    assert.match(load(lib).stderr, /libassay(one|two)/);

    const { status, stderr } = run('python3', SCRIPT, lib, COMPILER);
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(load(lib), { status: 0, stdout: '', stderr: '' });
    assert.match(readFileSync(hidesGpus(lib), 'utf8'), /CUDA_VISIBLE_DEVICES/);
  }));

test('with all libraries there, nothing is made and GPUs stay visible', () =>
  inTorchLibDir((lib) => {
    library(lib, 'libtorch_python.so', 'void outer(void) {}');
    assert.equal(run('python3', SCRIPT, lib, COMPILER).status, 0);
    assert.equal(existsSync(hidesGpus(lib)), false);
  }));

test('a library that is there stays as it is, and what torch does not need is not made', () =>
  inTorchLibDir((lib) => {
    library(lib, 'libassayone.so.1', 'void one_call(void) {}');
    library(lib, 'libassaytwo.so.2', 'void two_call(void) {}');
    const python = 'void one_call(void); void outer(void) { one_call(); }';
    library(lib, 'libtorch_python.so', python, { needs: ['libassayone.so.1'] });
    library(lib, 'libtorch_other.so', 'void two_call(void); void other(void) { two_call(); }', {
      needs: ['libassaytwo.so.2'],
    });
    rmSync(join(lib, 'libassaytwo.so.2'));
    const before = readFileSync(join(lib, 'libassayone.so.1'));
    assert.equal(run('python3', SCRIPT, lib, COMPILER).status, 0);
    assert.deepEqual(readFileSync(join(lib, 'libassayone.so.1')), before);
    assert.equal(existsSync(join(lib, 'libassaytwo.so.2')), false);
  }));
