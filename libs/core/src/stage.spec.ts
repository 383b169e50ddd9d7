import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest, verifyManifest } from './manifest.js';
import { runStage, type StageDefinition } from './stage.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-stage-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const definition = (config: unknown, extra: Partial<StageDefinition> = {}): StageDefinition => ({
  name: 'toy',
  config,
  packages: ['@assay/core'],
  ...extra,
});

const write =
  (content: string, runs: string[] = []) =>
  async ({ outDir }: { outDir: string }): Promise<Record<string, unknown>> => {
    runs.push(content);
    writeFileSync(join(outDir, 'a.txt'), content);
    return Promise.resolve({ letters: content.length });
  };

test('a stage whose key exists is not run again, and gives the same digest', async () => {
  const runs: string[] = [];
  const first = await runStage(join(dir, 's'), definition({ x: 1 }), write('hello', runs));
  const second = await runStage(join(dir, 's'), definition({ x: 1 }), write('other', runs));
  expect(runs).toEqual(['hello']);
  expect([first.reused, second.reused]).toEqual([false, true]);
  expect(second.digest).toBe(first.digest);
  expect(first.manifest.summary).toEqual({ letters: 5 });
  expect(first.manifest.files).toEqual({
    'a.txt': { sizeBytes: 5, sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' },
  });
});

test.each([
  ['config', definition({ x: 2 })],
  ['engine', definition({ x: 1 }, { engine: '2.21.0' })],
  ['source', definition({ x: 1 }, { sources: { csv: 'abc' } })],
  ['name', { ...definition({ x: 1 }), name: 'other' }],
])('a changed %s changes the key', async (_what, changed) => {
  const first = await runStage(join(dir, 's'), definition({ x: 1 }), write('one'));
  const second = await runStage(join(dir, 's'), changed, write('two'));
  expect(second.reused).toBe(false);
  expect(second.manifest.key).not.toBe(first.manifest.key);
  expect(readFileSync(join(dir, 's', 'a.txt'), 'utf8')).toBe('two');
});

test('a changed input changes the key of the stage that reads it', async () => {
  const input = join(dir, 'in');
  const reader = definition({}, { inputs: { before: input } });
  await runStage(input, definition(1), write('one'));
  const first = await runStage(join(dir, 'out'), reader, write('x'));
  await runStage(input, definition(1), write('two'), { force: true });
  const second = await runStage(join(dir, 'out'), reader, write('x'));
  expect(second.reused).toBe(false);
  expect(second.manifest.inputs['before']).not.toBe(first.manifest.inputs['before']);
});

test('a missing input stage is named', async () => {
  const run = runStage(
    join(dir, 'out'),
    definition({}, { inputs: { before: join(dir, 'none') } }),
    write('x'),
  );
  await expect(run).rejects.toMatchObject({ code: 'STAGE_INPUT_MISSING' });
});

test('a damaged result is made again', async () => {
  await runStage(join(dir, 's'), definition(1), write('one'));
  writeFileSync(join(dir, 's', 'a.txt'), 'longer');
  expect((await runStage(join(dir, 's'), definition(1), write('one'))).reused).toBe(false);
  await verifyManifest(join(dir, 's'));
});

test('a folder of somebody else is not replaced by a result', async () => {
  mkdirSync(join(dir, 's'));
  writeFileSync(join(dir, 's', 'thesis.txt'), 'mine');
  await expect(runStage(join(dir, 's'), definition(1), write('one'))).rejects.toThrow(
    /holds thesis\.txt, which would be deleted.*holds the result of a stage/,
  );
  expect(readdirSync(join(dir, 's'))).toEqual(['thesis.txt']);
  rmSync(join(dir, 's', 'thesis.txt'));
  await runStage(join(dir, 's'), definition(1), write('one'));
});

test('verifyManifest finds one flipped byte and a missing file', async () => {
  await runStage(join(dir, 's'), definition(1), write('one'));
  writeFileSync(join(dir, 's', 'a.txt'), 'onf');
  await verifyManifest(join(dir, 's'), 'size');
  await expect(verifyManifest(join(dir, 's'))).rejects.toMatchObject({
    code: 'FILE_CORRUPT',
    details: { path: 'a.txt' },
  });
  rmSync(join(dir, 's', 'a.txt'));
  await expect(verifyManifest(join(dir, 's'), 'size')).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
});

test('the work directory survives a failure and goes with success', async () => {
  const seen: boolean[] = [];
  const run = (fail: boolean): Promise<unknown> =>
    runStage(join(dir, 's'), definition(1), async ({ outDir, workDir }) => {
      seen.push(existsSync(join(workDir, 'checkpoint')));
      writeFileSync(join(workDir, 'checkpoint'), '1');
      writeFileSync(join(outDir, 'a.txt'), 'x');
      return fail ? Promise.reject(new Error('crash')) : Promise.resolve({});
    });
  await expect(run(true)).rejects.toThrow('crash');
  await run(false);
  expect(seen).toEqual([false, true]);
  expect(readdirSync(dir)).toEqual(['s']);
});

test('a manifest holds no time of day: equal work gives equal bytes', async () => {
  const a = await runStage(join(dir, 'a'), definition(1), write('one'));
  const b = await runStage(join(dir, 'b'), definition(1), write('one'));
  expect(a.digest).toBe(b.digest);
  expect((await readManifest(join(dir, 'a'))).digest).toBe(a.digest);
});

test('a result that a kill caught between being moved away and being replaced is found again', async () => {
  const first = await runStage(join(dir, 's'), definition(1), write('one'));
  renameSync(join(dir, 's'), join(dir, 's.old-999999-1-0'));
  const second = await runStage(join(dir, 's'), definition(1), write('two'));
  expect([second.reused, second.digest]).toEqual([true, first.digest]);
  expect(readdirSync(dir)).toEqual(['s']);
});

const canMount = ((): boolean => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

(canMount ? test : test.skip)('a full disk is one DISK_FULL, with nothing half written', async () => {
  const mount = join(dir, 'small');
  execFileSync('mkdir', [mount]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mount]);
  try {
    await runStage(join(mount, 's'), definition(1), write('small'));
    const big = runStage(join(mount, 's'), definition(2), async ({ outDir }) => {
      writeFileSync(join(outDir, 'big'), Buffer.alloc(1 << 20));
      return Promise.resolve({});
    });
    await expect(big).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readFileSync(join(mount, 's', 'a.txt'), 'utf8')).toBe('small');
    expect(readdirSync(mount).filter((name) => name.includes('.tmp-'))).toEqual([]);
  } finally {
    execFileSync('umount', [mount]);
  }
});

test('an input with a flipped byte of the same size is refused before anything is built on it', async () => {
  const input = join(dir, 'in');
  await runStage(input, definition(1), write('good'));
  writeFileSync(join(input, 'a.txt'), 'evil');
  const runs: string[] = [];
  const out = runStage(join(dir, 'out'), definition({}, { inputs: { before: input } }), write('x', runs));
  await expect(out).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  expect([runs, existsSync(join(dir, 'out'))]).toEqual([[], false]);
});

test('an input that is made anew while a stage reads it leaves no result under the old key', async () => {
  const input = join(dir, 'in');
  await runStage(input, definition(1), write('one'));
  const out = runStage(join(dir, 'out'), definition({}, { inputs: { before: input } }), async (context) => {
    await runStage(input, definition(1), write('two'), { force: true });
    return write('x')(context);
  });
  await expect(out).rejects.toMatchObject({ code: 'STAGE_STALE' });
  expect(existsSync(join(dir, 'out'))).toBe(false);
});

test.each(['null', '{"schemaVersion":1,"files":null}', '{'])(
  'a manifest that is %s is made again',
  async (text) => {
    await runStage(join(dir, 's'), definition(1), write('one'));
    writeFileSync(join(dir, 's', 'manifest.json'), text);
    expect((await runStage(join(dir, 's'), definition(1), write('one'))).reused).toBe(false);
  },
);

test('a disk that is full when the work directory is made is DISK_FULL, and leaves no work directory', async () => {
  const { mkdir } = fs;
  const spy = jest.spyOn(fs, 'mkdir').mockImplementation((async (path: string, options) => {
    if (!path.includes('.work')) return mkdir(path, options);
    await mkdir(join(path, '..'), options); // a recursive mkdir may get half way
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }) as typeof mkdir);
  const full = runStage(join(dir, 's'), definition(1), write('one'));
  await expect(full).rejects.toMatchObject({ code: 'DISK_FULL' });
  spy.mockRestore();
  expect(readdirSync(dir)).toEqual([]);
});
