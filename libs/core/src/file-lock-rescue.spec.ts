import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileCore, spawnWithCore } from './file-lock-child.fixture.js';
import { newToken, tokenIn, tryCreate } from './file-lock-file.js';
import { withFileLock } from './file-lock.js';
import { removeDead } from './file-lock-rescue.js';
import { sha256OfBytes } from './hashing.js';
import { isAlive, ownIdentity } from './process-identity.js';
import { Random } from './random.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-rescue-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

const DEAD = '999999-1';
const claimOf = (lock: string, token: string): string =>
  `${lock}.rescue-${sha256OfBytes(token).slice(0, 16)}`;

/** Counts how many are inside at once. */
class Room {
  inside = 0;
  most = 0;
  visits = 0;
  readonly enter = async (stayMs: number): Promise<void> => {
    this.visits++;
    this.most = Math.max(this.most, ++this.inside);
    await sleep(stayMs);
    this.inside--;
  };
}

test('a rescuer that had read the dead holder before another took over lets no third one in beside that one', async () => {
  const path = join(dir, 'x.lock');
  const room = new Room();
  writeFileSync(path, DEAD);
  let goOn = (): void => undefined;
  const taken = new Promise<void>((resolve) => (goOn = resolve));
  let hasRead = (): void => undefined;
  const read = new Promise<void>((resolve) => (hasRead = resolve));
  const { readFile, rename } = fs;
  let reads = 0;
  jest.spyOn(fs, 'readFile').mockImplementation(async (...args: Parameters<typeof readFile>) => {
    const content = await readFile(...args);
    if (args[0] !== path || reads++ > 0) return content;
    hasRead();
    await taken; // C has read the dead holder and is slow
    return content;
  });
  jest.spyOn(fs, 'rename').mockImplementation(async (from, to) => {
    await rename(from, to);
    await sleep(200); // whoever moves the lock away is slow to put it back
  });
  const slow = withFileLock(path, () => room.enter(5));
  await read;
  const faster = withFileLock(path, async () => {
    goOn();
    await room.enter(400);
  });
  await taken;
  const third = withFileLock(path, () => room.enter(5));
  await Promise.all([slow, faster, third]);
  expect([room.visits, room.most]).toEqual([3, 1]);
  expect(readdirSync(dir)).toEqual([]);
});

/** Lets one actor at a time do one file operation; which one is drawn, mostly the same as before. */
class Schedule {
  readonly #waiting = new Map<string, () => void>();
  readonly #actors = new AsyncLocalStorage<string>();
  constructor(readonly random: Random) {
    for (const name of ['readFile', 'link', 'rm'] as const) {
      const original = fs[name] as (...args: unknown[]) => Promise<unknown>;
      jest.spyOn(fs, name).mockImplementation((async (...args: unknown[]) => {
        await this.turn();
        return original(...args);
      }) as never);
    }
  }

  turn(): Promise<void> {
    const actor = this.#actors.getStore()!;
    return new Promise((resolve) => this.#waiting.set(actor, resolve));
  }

  async run(actors: readonly (() => Promise<void>)[]): Promise<void> {
    let left = actors.length;
    const ended = actors.map((actor, i) => this.#actors.run(String(i), () => actor().finally(() => left--)));
    for (let last = ''; left > 0;) {
      while (this.#waiting.size < left) await new Promise((resolve) => setImmediate(resolve));
      if (left === 0) break;
      const names = [...this.#waiting.keys()].sort();
      const drawn = names[Math.floor(this.random.uniform() * names.length)]!;
      last = names.includes(last) && this.random.uniform() < 0.75 ? last : drawn;
      const goOn = this.#waiting.get(last)!;
      this.#waiting.delete(last);
      goOn();
    }
    await Promise.all(ended);
  }
}

test('whatever the order of their steps, rescuers of dead holders and of dead rescuers let in one at a time', async () => {
  const schedule = new Schedule(new Random(7, 'steps'));
  for (let i = 0; i < 120; i++) {
    const lock = join(dir, String(i), 'x.lock');
    mkdirSync(join(dir, String(i)));
    writeFileSync(lock, DEAD);
    if (i % 3 > 0) writeFileSync(claimOf(lock, DEAD), '999998-1'); // a rescuer that was killed
    if (i % 3 > 1) writeFileSync(claimOf(lock, '999998-1'), '999997-1'); // and its successor
    let inside = 0;
    let most = 0;
    const enterOnce = async (): Promise<void> => {
      const seen = await tokenIn(lock);
      if (seen !== undefined && !isAlive(seen, lock)) await removeDead(lock, seen);
      if (!(await tryCreate(lock, newToken()))) return;
      most = Math.max(most, ++inside);
      for (let stay = 0; stay < 3; stay++) await schedule.turn();
      inside--;
      await fs.rm(lock, { force: true });
    };
    const actor = async (): Promise<void> => {
      for (let attempt = 0; attempt < 2; attempt++) await enterOnce();
    };
    await schedule.run([actor, actor, actor]);
    expect([i, most]).toEqual([i, 1]);
  }
}, 60_000);

test('a rescue that another live process is at is left to it, and one whose process died is finished', async () => {
  const lock = join(dir, 'x.lock');
  writeFileSync(lock, DEAD);
  writeFileSync(claimOf(lock, DEAD), `${ownIdentity()}-00000000`);
  await removeDead(lock, DEAD);
  expect(readFileSync(lock, 'utf8')).toBe(DEAD);
  writeFileSync(claimOf(lock, DEAD), '999998-1');
  await removeDead(lock, DEAD);
  expect(readdirSync(dir)).toEqual([]);
});

test('the holder of the lock sweeps the claims of rescuers that were killed after their rescue', async () => {
  const lock = join(dir, 'x.lock');
  writeFileSync(claimOf(lock, DEAD), '999998-1');
  await withFileLock(lock, () => Promise.resolve());
  expect(readdirSync(dir)).toEqual([]);
});

test('a holder whose lock was taken over does not remove that of its successor', async () => {
  const lock = join(dir, 'x.lock');
  const successor = `${ownIdentity()}-00000000`;
  await withFileLock(lock, () => Promise.resolve(writeFileSync(lock, successor)));
  expect(readFileSync(lock, 'utf8')).toBe(successor);
});

const USER = `
  const { appendFileSync } = require('node:fs');
  const [lock, log, end] = process.argv.slice(1);
  const say = (what) => appendFileSync(log, what + ' ' + process.pid + '\\n');
  const stay = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  const visit = async () => {
    say('enter');
    await stay();
    if (Math.random() < 0.1) {
      say('die');
      process.kill(process.pid, 'SIGKILL');
    }
    say('leave');
  };
  (async () => {
    while (Date.now() < Number(end)) await core.withFileLock(lock, visit);
  })();
`;

test('processes that are killed while they hold the lock never make two others hold it at once', async () => {
  compileCore(dir);
  const [lock, log] = [join(dir, 'x.lock'), join(dir, 'log')];
  writeFileSync(lock, DEAD);
  const end = Date.now() + 5000;
  const users = new Set<ChildProcess>();
  const keepUsing = async (): Promise<void> => {
    while (Date.now() < end) {
      const user = spawnWithCore(dir, USER, [lock, log, String(end)]);
      users.add(user);
      const [status, signal] = (await once(user, 'exit')) as [number | null, string | null];
      expect(status === 0 || signal === 'SIGKILL').toBe(true);
    }
  };
  await Promise.all(Array.from({ length: 5 }, keepUsing));
  const visits = readFileSync(log, 'utf8').trim().split('\n');
  const overlaps = visits.filter((line, i) => {
    const [what, pid] = line.split(' ');
    const [before, other] = (visits[i - 1] ?? 'leave').split(' ');
    return what === 'enter' ? before === 'enter' : before !== 'enter' || pid !== other;
  });
  expect(overlaps).toEqual([]);
  expect(visits.filter((line) => line.startsWith('die')).length).toBeGreaterThan(2);
  await withFileLock(lock, () => Promise.resolve());
  expect(existsSync(lock)).toBe(false);
  expect(readdirSync(dir).filter((name) => name.startsWith('x.lock'))).toEqual([]);
});
