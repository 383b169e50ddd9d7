import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.js';
import { ownIdentity } from './process-identity.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a lock of a live process is respected and that of a dead one is taken over', async () => {
  const path = join(dir, 'x.lock');
  writeFileSync(path, ownIdentity());
  await expect(withFileLock(path, () => Promise.resolve(1), { timeoutMs: 60 })).rejects.toMatchObject({
    code: 'LOCKED',
  });
  const tried = withFileLock(path, () => Promise.resolve(1), { timeoutMs: 60 });
  const held = `${path} is held by process ${process.pid} for more than 0.06 s. Fix: wait for it to finish, or end that process.`;
  await expect(tried).rejects.toMatchObject({ message: held });
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const start = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!;
  writeFileSync(path, `${child.pid}-${start}`);
  await expect(withFileLock(path, () => Promise.resolve(1), { timeoutMs: 60 })).rejects.toMatchObject({
    code: 'LOCKED',
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect(withFileLock(path, () => Promise.resolve(1), { timeoutMs: 5000 })).resolves.toBe(1);
  expect(existsSync(path)).toBe(false);
});

test('only one of many holders is inside the lock at a time', async () => {
  let inside = 0;
  let most = 0;
  const enter = (): Promise<void> =>
    withFileLock(join(dir, 'y.lock'), async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    });
  await Promise.all(Array.from({ length: 6 }, enter));
  expect(most).toBe(1);
});

test.each([
  ['empty', ''],
  ['garbled', '12'],
])("a lock that is %s is nobody's and is taken over", async (_what, content) => {
  writeFileSync(join(dir, 'x.lock'), content);
  await expect(withFileLock(join(dir, 'x.lock'), () => Promise.resolve(1))).resolves.toBe(1);
  expect(readdirSync(dir)).toEqual([]);
});

test('the lock names its holder while it is held, and what killed holders left is swept', async () => {
  const path = join(dir, 'x.lock');
  writeFileSync(`${path}.tmp-999999-1-0`, '999999-1');
  await withFileLock(path, () => {
    expect(readFileSync(path, 'utf8').startsWith(ownIdentity())).toBe(true);
    expect(readdirSync(dir)).toEqual(['x.lock']);
    return Promise.resolve();
  });
  expect(readdirSync(dir)).toEqual([]);
});

const canMount = ((): boolean => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

(canMount ? test : test.skip)('a full disk is DISK_FULL and leaves no lock that nobody holds', async () => {
  const mount = join(dir, 'small');
  execFileSync('mkdir', [mount]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount]);
  try {
    expect(() => writeFileSync(join(mount, 'big'), Buffer.alloc(1 << 20))).toThrow('ENOSPC');
    const path = join(mount, 'x.lock');
    await expect(withFileLock(path, () => Promise.resolve(1))).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readdirSync(mount)).toEqual(['big']);
  } finally {
    execFileSync('umount', [mount]);
  }
});
