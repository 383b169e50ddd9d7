import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepAbandoned, withAtomicDirectory } from './atomic-files.js';
import { compileCore, spawnWithCore } from './file-lock-child.fixture.js';
import { withFileLock } from './file-lock.js';
import { describeProcess, isAlive, keepFresh, ownIdentity, SILENT_AFTER_MS } from './process-identity.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-identity-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** This very process, as seen from another machine or container. */
const foreign = ownIdentity().replace(/[0-9a-f]{8}$/, '0badcafe');
const age = (path: string, ms: number): void => utimesSync(path, new Date(), new Date(Date.now() - ms));
const code = (text: string): Record<string, unknown> => ({
  code: 'LOCKED',
  message: expect.stringContaining(text) as string,
});

test('an identity names process, start and host; one without a host is of this one', () => {
  expect(ownIdentity()).toMatch(/^\d+-\d+-[0-9a-f]{8}$/);
  expect(isAlive(ownIdentity(), dir)).toBe(true);
  expect(isAlive(`${ownIdentity()}-12345678`, dir)).toBe(true);
  expect(isAlive(ownIdentity().replace(/-[0-9a-f]{8}$/, ''), dir)).toBe(true);
  expect(['999999-1', '', '12', 'x-1'].map((identity) => isAlive(identity, dir))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('a process elsewhere is not looked for here: it lives while it keeps its file fresh', () => {
  expect(isAlive(foreign, dir)).toBe(true);
  age(dir, SILENT_AFTER_MS - 60_000);
  expect(isAlive(foreign, dir)).toBe(true);
  age(dir, SILENT_AFTER_MS + 60_000);
  expect(isAlive(foreign, dir)).toBe(false);
  expect(isAlive(foreign, join(dir, 'none'))).toBe(false);
});

test('a message names the process and where it runs, not its start time', () => {
  expect(describeProcess('22830-1048173')).toEqual({ name: 'process 22830', isElsewhere: false });
  expect(describeProcess('22830-1048173-0badcafe-00000000')).toEqual({
    name: 'process 22830 on another machine or in another container',
    isElsewhere: true,
  });
});

test('what is kept fresh is touched until it is disposed, and its going away is no error', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'Date'] });
  try {
    age(dir, 3_600_000);
    const sign = keepFresh(dir);
    jest.advanceTimersByTime(10_000);
    while (Date.now() - statSync(dir).mtimeMs > 60_000) await new Promise((resolve) => setImmediate(resolve));
    sign[Symbol.dispose]();
    expect(jest.getTimerCount()).toBe(0);
    const gone = keepFresh(join(dir, 'none'));
    jest.advanceTimersByTime(10_000);
    gone[Symbol.dispose]();
  } finally {
    jest.useRealTimers();
  }
});

test('a lock of another container is respected while it is fresh; the message says what to do', async () => {
  const path = join(dir, 'x.lock');
  writeFileSync(path, `${foreign}-00000000`);
  const tried = withFileLock(path, () => Promise.resolve(1), { timeoutMs: 60 });
  await expect(tried).rejects.toMatchObject(
    code(
      `is held by process ${process.pid} on another machine or in another container for more than 0.06 s. Fix: wait`,
    ),
  );
  await expect(tried).rejects.toMatchObject(code('15 minutes after its last sign of life'));
  age(path, SILENT_AFTER_MS + 60_000);
  await expect(withFileLock(path, () => Promise.resolve(1))).resolves.toBe(1);
});

test('the folder that a process in another container writes is swept only when it has been silent', async () => {
  const temporary = join(dir, `out.tmp-${foreign}-0`);
  mkdirSync(temporary);
  await sweepAbandoned(join(dir, 'out'));
  expect(existsSync(temporary)).toBe(true);
  age(temporary, SILENT_AFTER_MS + 60_000);
  await sweepAbandoned(join(dir, 'out'));
  expect(existsSync(temporary)).toBe(false);
});

const UNSHARE = ['unshare', '-pf', '--mount-proc', '--kill-child'];
const canUnshare = ((): boolean => {
  try {
    execFileSync(UNSHARE[0]!, [...UNSHARE.slice(1), 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const inContainer = canUnshare ? test : test.skip;

inContainer(
  'a container does not take the lock of a live process outside, nor the other way round',
  async () => {
    compileCore(dir);
    const path = join(dir, 'x.lock');
    const report = `.then(() => console.log('entered'), (error) => console.log(error.code))`;
    const tryIt = `core.withFileLock(process.argv[1], () => Promise.resolve(), { timeoutMs: 200 })${report};`;
    await withFileLock(path, async () => {
      const child = spawnWithCore(dir, tryIt, [path], UNSHARE);
      const [said] = (await once(child.stdout!, 'data')) as [Buffer];
      expect(String(said)).toBe('LOCKED\n');
      await once(child, 'exit');
    });
    const hold = `core.withFileLock(process.argv[1], () => { console.log('held'); return new Promise((resolve) => setTimeout(resolve, 60000)); });`;
    const holder = spawnWithCore(dir, hold, [path], UNSHARE);
    await once(holder.stdout!, 'data');
    const tried = withFileLock(path, () => Promise.resolve(), { timeoutMs: 100 });
    await expect(tried).rejects.toMatchObject(
      code('is held by process 1 on another machine or in another container'),
    );
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    age(path, SILENT_AFTER_MS + 60_000);
    await expect(withFileLock(path, () => Promise.resolve(1))).resolves.toBe(1);
  },
);

inContainer('a container does not sweep the folder that a live process outside writes', async () => {
  compileCore(dir);
  const target = join(dir, 'out');
  await withAtomicDirectory(target, async (temporary) => {
    writeFileSync(join(temporary, 'a'), '1');
    const sweep = `core.sweepAbandoned(process.argv[1]).then(() => console.log('swept'));`;
    const child = spawnWithCore(dir, sweep, [target], UNSHARE);
    await once(child.stdout!, 'data');
    await once(child, 'exit');
    expect(existsSync(join(temporary, 'a'))).toBe(true);
  });
  expect(readdirSync(target)).toEqual(['a']);
});
