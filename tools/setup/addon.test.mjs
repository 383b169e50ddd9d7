// How the addon is linked on a GPU machine.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { nvidiaArguments } from './addon.mjs';

const FILES = [
  'cuda_runtime/lib/libcudart.so.12',
  'cublas/lib/libcublas.so.12',
  'cublas/lib/libcublasLt.so.12',
  'cudnn/lib/libcudnn.so.9',
  'cudnn/lib/libcudnn_ops.so.9',
  'cufft/lib/libcufft.so.11',
  'cuda_cupti/lib/libcupti.so.12',
  'cusolver/lib/libcusolver.so.11',
  'cusparse/lib/libcusparse.so.12',
  'nccl/lib/libnccl.so.2',
  'cuda_nvrtc/lib/libnvrtc.so.12',
];

let home;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-addon-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function engineWith(files) {
  const engine = join(home, 'engine', 'gpu-1');
  for (const file of files) {
    mkdirSync(join(engine, 'nvidia', file, '..'), { recursive: true });
    writeFileSync(join(engine, 'nvidia', file), '');
  }
  return engine;
}

test('a GPU addon needs each library that TensorFlow opens by name, found beside it wherever both are moved', () => {
  const engine = engineWith(FILES);
  const [first, ...rest] = nvidiaArguments(join(home, 'addon', 'abc', 'tfjs_binding.node'), engine);
  assert.equal(first, '-Wl,--no-as-needed'); // else the linker drops them, since the addon calls none of them
  const linked = FILES.filter((file) => !file.includes('libcudnn_ops'));
  for (const file of linked) assert.ok(rest.includes(join(engine, 'nvidia', file)), file);
  assert.equal(rest.filter((argument) => argument.includes('.so.')).length, linked.length);
  assert.ok(rest.includes('-Wl,-rpath,$ORIGIN/../../engine/gpu-1/nvidia/cublas/lib'));
});

test('a GPU engine without one of them is an error instead of a slow run on the CPU', () => {
  const engine = engineWith(FILES.filter((file) => !file.includes('libcufft')));
  assert.throws(
    () => nvidiaArguments(join(home, 'addon', 'abc', 'tfjs_binding.node'), engine),
    /ENGINE_INCOMPLETE.*libcufft/,
  );
});
