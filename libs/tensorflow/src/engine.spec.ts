import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectClose, expectNoLeak, withTempDir } from '@assay/testing';
import { findAddon } from './addon-file.js';
import { applyEngineSettings } from './engine-environment.js';
import { describeEngine, measureEngine, tf } from './index.js';
import { restoreRemovedFunctions } from './node-shim.js';
import { nvidiaGpuName } from './nvidia-gpu-name.js';

test('the native engine multiplies matrices and leaves no tensor behind', async () => {
  expect(tf.getBackend()).toBe('tensorflow');
  await expectNoLeak(tf, () => {
    const product = tf.tidy(() =>
      tf
        .matMul(
          tf.tensor2d([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          tf.tensor2d([[1], [0], [2]]),
        )
        .dataSync(),
    );
    expectClose(product, [7, 16]);
  });
});

test('the example of the README computes what it says', () => {
  expectClose(
    tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()),
    [11],
  );
});

test('the description names the engine, and counts tensors', () => {
  const before = describeEngine();
  const tensor = tf.ones([3, 5]);
  const after = describeEngine();
  tensor.dispose();
  expect(before.deviceKind === 'gpu').toBe(
    (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice,
  );
  expect(before.name).toBe(`tensorflow ${before.tensorflowVersion} ${before.deviceKind}`);
  expect(after.numTensors - before.numTensors).toBe(1);
  expect(after.numBytes - before.numBytes).toBe(60);
});

test('a GPU has the name that its driver gives it; without a list it is an NVIDIA GPU', () =>
  withTempDir((dir) => {
    expect(nvidiaGpuName(join(dir, 'none'))).toBe('NVIDIA GPU');
    mkdirSync(join(dir, '0000:00:05.0'));
    expect(nvidiaGpuName(dir)).toBe('NVIDIA GPU');
    const information = 'Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 27\n';
    writeFileSync(join(dir, '0000:00:05.0', 'information'), information);
    expect(nvidiaGpuName(dir)).toBe('NVIDIA H100 80GB HBM3');
  }));

test('the measurement gives two positive speeds and leaves no tensor behind', async () => {
  const { matmulGflops, convolutionGflops } = await expectNoLeak(tf, () => measureEngine(0.05));
  expect(matmulGflops).toBeGreaterThan(0);
  expect(convolutionGflops).toBeGreaterThan(0);
});

test('settings are quiet, without oneDNN and in full float32 by default, and leave alone what the user set', () => {
  const plain: Record<string, string | undefined> = {};
  expect(applyEngineSettings(plain)).toEqual({
    threads: 0,
    deterministic: false,
    oneDnn: false,
    tf32: false,
  });
  expect(plain['NVIDIA_TF32_OVERRIDE']).toBe('0');
  expect(plain).toMatchObject({ TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: '0' });
  expect(plain['TF_DETERMINISTIC_OPS']).toBeUndefined();
  const asked = {
    ASSAY_THREADS: '3',
    ASSAY_DETERMINISTIC: '1',
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_NUM_INTEROP_THREADS: '7',
    NVIDIA_TF32_OVERRIDE: '1',
  };
  expect(applyEngineSettings(asked)).toEqual({
    threads: 3,
    deterministic: true,
    oneDnn: true,
    tf32: true,
  });
  expect(asked).toMatchObject({
    TF_NUM_INTRAOP_THREADS: '3',
    TF_NUM_INTEROP_THREADS: '7',
    TF_DETERMINISTIC_OPS: '1',
  });
});

test('a number of threads that is none is refused instead of ignored', () => {
  for (const value of ['two', '-1', '1.5'])
    expect(() => applyEngineSettings({ ASSAY_THREADS: value })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining(`got '${value}'`) as string,
      }) as Error,
    );
  for (const value of ['', '0']) expect(applyEngineSettings({ ASSAY_THREADS: value }).threads).toBe(0);
});

test('what is reported is what TensorFlow reads, when its own switch says other than ours', () => {
  expect(applyEngineSettings({ ASSAY_DETERMINISTIC: '1', TF_DETERMINISTIC_OPS: '0' }).deterministic).toBe(
    false,
  );
  expect(applyEngineSettings({ TF_DETERMINISTIC_OPS: 'true' }).deterministic).toBe(true);
  expect(applyEngineSettings({ TF_ENABLE_ONEDNN_OPTS: 'True' }).oneDnn).toBe(true);
});

test('functions that Node removed come back from Node 22 on, and only then', () => {
  const old: Record<string, unknown> = {};
  restoreRemovedFunctions(old, 20);
  expect(old).toEqual({});
  const recent: Record<string, (value: unknown) => boolean> = {};
  restoreRemovedFunctions(recent, 24);
  expect([
    recent['isNullOrUndefined']!(undefined),
    recent['isNullOrUndefined']!(0),
    recent['isArray']!([]),
  ]).toEqual([true, false, true]);
});

async function withAddon(
  build: string | undefined,
  engine: boolean,
  check: (packageDir: string) => void,
): Promise<void> {
  await withTempDir((dir) => {
    const packageDir = join(dir, 'package');
    const addonDir = join(dir, 'home', 'addon', 'abc');
    mkdirSync(join(packageDir, 'lib', 'napi-v8'), { recursive: true });
    mkdirSync(addonDir, { recursive: true });
    writeFileSync(join(addonDir, 'tfjs_binding.node'), '');
    symlinkSync(join(addonDir, 'tfjs_binding.node'), join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.node'));
    if (build !== undefined) writeFileSync(join(addonDir, 'build.json'), build);
    const library = join(dir, 'home', 'engine', 'cpu-2.0.0', 'tensorflow');
    if (engine) {
      mkdirSync(library, { recursive: true });
      writeFileSync(join(library, 'libtensorflow_cc.so.2'), '');
    }
    check(packageDir);
  });
}

const BUILD = JSON.stringify({ tensorflowVersion: '2.0.0', variant: 'cpu' });

test('an addon with its engine is found', () =>
  withAddon(BUILD, true, (dir) =>
    expect(findAddon(dir)).toMatchObject({ tensorflowVersion: '2.0.0', variant: 'cpu' }),
  ));

test('an addon whose build names the folder of its engine is linked with the library there', () => {
  const build = JSON.stringify({ tensorflowVersion: '2.0', variant: 'cpu', engine: 'cpu-2.0.0' });
  return withAddon(build, true, (dir) =>
    expect(findAddon(dir).libraryPath).toMatch(/\/engine\/cpu-2\.0\.0\/tensorflow\/libtensorflow_cc/),
  );
});

test('no addon is ENGINE_MISSING and says how to install it', () =>
  withTempDir((dir) => {
    expect(() => findAddon(dir)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_MISSING',
        message: expect.stringContaining('npm run setup') as string,
      }) as Error,
    );
  }));

test('an addon of unknown origin, or whose engine is gone, is ENGINE_MISMATCH', async () => {
  const mismatch = expect.objectContaining({ code: 'ENGINE_MISMATCH' }) as Error;
  await withAddon(undefined, true, (dir) => expect(() => findAddon(dir)).toThrow(mismatch));
  await withAddon('{"variant":', true, (dir) => expect(() => findAddon(dir)).toThrow(mismatch));
  await withAddon('{"variant":"tpu"}', true, (dir) => expect(() => findAddon(dir)).toThrow(mismatch));
  await withAddon(BUILD, false, (dir) => expect(() => findAddon(dir)).toThrow(mismatch));
});
