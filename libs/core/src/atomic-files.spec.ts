import nodeFs, {
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
import {
  asDiskError,
  readJson,
  sweepAbandoned,
  withAtomicDirectory,
  writeFileAtomic,
  writeJsonAtomic,
} from './atomic-files.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-core-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('writeFileAtomic writes parts one after the other', async () => {
  const path = join(dir, 'parts.txt');
  await writeFileAtomic(path, ['one ', '', 'zwölf ', 'three']);
  expect(readFileSync(path, 'utf8')).toBe('one zwölf three');
});

test('writeFileAtomic replaces the content and leaves no temporary file', async () => {
  const path = join(dir, 'deep', 'file.txt');
  await writeFileAtomic(path, 'one');
  await writeFileAtomic(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(readdirSync(join(dir, 'deep'))).toEqual(['file.txt']);
});

test('JSON written is JSON read', async () => {
  await writeJsonAtomic(join(dir, 'a.json'), { b: [1, 2] });
  expect(await readJson(join(dir, 'a.json'))).toEqual({ b: [1, 2] });
});

test('reading a missing or broken JSON file gives a coded error', async () => {
  writeFileSync(join(dir, 'broken.json'), '{');
  await expect(readJson(join(dir, 'none.json'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  await expect(readJson(join(dir, 'broken.json'))).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
});

test('a directory appears whole, replacing the earlier one', async () => {
  const target = join(dir, 'out');
  await withAtomicDirectory(target, async (temporary) => {
    writeFileSync(join(temporary, 'old'), '1');
    expect(existsSync(target)).toBe(false);
    return Promise.resolve();
  });
  await withAtomicDirectory(target, async (temporary) =>
    Promise.resolve(writeFileSync(join(temporary, 'new'), '2')),
  );
  expect(readdirSync(target)).toEqual(['new']);
  expect(readdirSync(dir)).toEqual(['out']);
});

test('a directory may be named with a slash at its end', async () => {
  const target = `${join(dir, 'out')}/`;
  for (const name of ['old', 'new'])
    await withAtomicDirectory(target, async (temporary) =>
      Promise.resolve(writeFileSync(join(temporary, name), name)),
    );
  expect(readdirSync(target)).toEqual(['new']);
  expect(readdirSync(dir)).toEqual(['out']);
});

test('when writing fails the earlier directory stays and nothing is left over', async () => {
  const target = join(dir, 'out');
  await withAtomicDirectory(target, async (temporary) =>
    Promise.resolve(writeFileSync(join(temporary, 'kept'), '1')),
  );
  const failing = withAtomicDirectory(target, async (temporary) => {
    writeFileSync(join(temporary, 'half'), '2');
    return Promise.reject(new Error('boom'));
  });
  await expect(failing).rejects.toThrow('boom');
  expect(readdirSync(target)).toEqual(['kept']);
  expect(readdirSync(dir)).toEqual(['out']);
});

test('what a dead process left beside the target is swept, what a live one writes is not', async () => {
  const target = join(dir, 'out');
  mkdirSync(`${target}.tmp-999999-1-0`);
  writeFileSync(join(dir, 'out.tmpl'), 'unrelated');
  const live = withAtomicDirectory(target, async () => {
    await withAtomicDirectory(join(dir, 'out2'), () => Promise.resolve());
    expect(readdirSync(dir).filter((name) => name.startsWith('out.tmp-'))).toHaveLength(1);
  });
  await live;
  expect(readdirSync(dir).sort()).toEqual(['out', 'out.tmpl', 'out2']);
});

test('a directory that a kill caught while it was being replaced is put back before anything is swept', async () => {
  const target = join(dir, 'out');
  mkdirSync(`${target}.old-999999-1-0`);
  writeFileSync(join(`${target}.old-999999-1-0`, 'kept'), '1');
  mkdirSync(`${target}.tmp-999999-1-1`);
  const failing = withAtomicDirectory(target, () => Promise.reject(new Error('boom')));
  await expect(failing).rejects.toThrow('boom');
  expect(readdirSync(dir)).toEqual(['out']);
  expect(readdirSync(target)).toEqual(['kept']);
});

test('what a finished replacement left over is removed, not put back', async () => {
  const target = join(dir, 'out');
  mkdirSync(`${target}.old-999999-1-0`);
  mkdirSync(target);
  writeFileSync(join(target, 'new'), '2');
  await sweepAbandoned(target);
  expect(readdirSync(dir)).toEqual(['out']);
  expect(readdirSync(target)).toEqual(['new']);
});

test('when the new directory cannot take its place the earlier one returns to it', async () => {
  const target = join(dir, 'out');
  mkdirSync(target);
  writeFileSync(join(target, 'kept'), '1');
  const rename = fs.rename;
  const spy = jest.spyOn(fs, 'rename').mockImplementation((from, to) => {
    if (String(from).includes('.tmp-')) return Promise.reject(new Error('refused'));
    return rename(from, to);
  });
  await expect(withAtomicDirectory(target, () => Promise.resolve())).rejects.toThrow('refused');
  spy.mockRestore();
  expect(readdirSync(dir)).toEqual(['out']);
  expect(readdirSync(target)).toEqual(['kept']);
});

test('no space left becomes DISK_FULL, also when it is the cause of another error', () => {
  const noSpace = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  expect(asDiskError(noSpace, '/x')).toMatchObject({ code: 'DISK_FULL' });
  expect(asDiskError(new Error('outer', { cause: noSpace }), '/x')).toMatchObject({ code: 'DISK_FULL' });
  const other = new Error('other');
  expect(asDiskError(other, '/x')).toBe(other);
});

test('a new directory is synced itself, with the names in it, before it takes its place', async () => {
  const target = join(dir, 'out');
  const steps: string[] = [];
  const { openSync } = nodeFs;
  const { rename } = fs;
  const open = jest.spyOn(nodeFs, 'openSync').mockImplementation((path, ...rest) => {
    steps.push(`sync ${String(path)}`);
    return openSync(path, ...rest);
  });
  const move = jest.spyOn(fs, 'rename').mockImplementation((from, to) => {
    steps.push('rename');
    return rename(from, to);
  });
  let temporary = '';
  await withAtomicDirectory(target, (path) => {
    temporary = path;
    return fs.writeFile(join(path, 'a'), '1');
  });
  open.mockRestore();
  move.mockRestore();
  expect(steps).toEqual([`sync ${join(temporary, 'a')}`, `sync ${temporary}`, 'rename', `sync ${dir}`]);
});

test('a directory that is moved away to be replaced looks fresh to other machines, however old it is', async () => {
  const target = join(dir, 'out');
  mkdirSync(target);
  nodeFs.utimesSync(target, 1, 1);
  const ages: number[] = [];
  const { rename } = fs;
  const spy = jest.spyOn(fs, 'rename').mockImplementation((from, to) => {
    ages.push(Date.now() - nodeFs.statSync(from).mtimeMs);
    return rename(from, to);
  });
  await withAtomicDirectory(target, () => Promise.resolve());
  spy.mockRestore();
  expect(Math.max(...ages)).toBeLessThan(60_000);
});

test.each(['/proc/nope/x', 'file/x', 'file/deep/x'])(
  'a path that cannot be made ends with USAGE: %s',
  async (path) => {
    writeFileSync(join(dir, 'file'), 'mine');
    const target = join(path.startsWith('/') ? '/' : dir, path);
    const error = { code: 'USAGE', message: expect.stringContaining('Fix: name a path') as string };
    await expect(withAtomicDirectory(target, () => Promise.resolve())).rejects.toMatchObject(error);
    await expect(writeFileAtomic(target, 'one')).rejects.toMatchObject(error);
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('mine');
  },
);

test('a file in the place of a new directory is kept', async () => {
  const target = join(dir, 'thesis.txt');
  writeFileSync(target, 'mine');
  await expect(withAtomicDirectory(target, () => Promise.resolve())).rejects.toThrow(
    `${target} is a file, which would be deleted. Fix: name a folder that does not exist yet.`,
  );
  expect(readFileSync(target, 'utf8')).toBe('mine');
  expect(readdirSync(dir)).toEqual(['thesis.txt']);
});

test("the working directory, '', a folder around it and the root are not replaced", async () => {
  const inner = join(dir, 'inner');
  mkdirSync(inner);
  writeFileSync(join(inner, 'thesis.txt'), 'mine');
  const before = process.cwd();
  process.chdir(inner);
  try {
    for (const target of ['', '.', inner, dir, '/'])
      await expect(withAtomicDirectory(target, () => Promise.resolve())).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('working directory') as string,
      });
  } finally {
    process.chdir(before);
  }
  expect(readdirSync(dir)).toEqual(['inner']);
  expect(readdirSync(inner)).toEqual(['thesis.txt']);
});

describe('where only what is known may be replaced', () => {
  const known = {
    what: 'numbers',
    strangers: (names: readonly string[]) => names.filter((name) => !/^\d+$/.test(name)),
  };
  const write = (): Promise<void> =>
    withAtomicDirectory(join(dir, 'out'), (temporary) => fs.writeFile(join(temporary, '7'), ''), known);

  test.each([[[]], [['1', '2']]])('a folder with %j gives way', async (names) => {
    mkdirSync(join(dir, 'out'));
    for (const name of names) writeFileSync(join(dir, 'out', name), '');
    await write();
    expect(readdirSync(join(dir, 'out'))).toEqual(['7']);
  });

  test('a folder that holds anything else stays, and the error names it', async () => {
    mkdirSync(join(dir, 'out'));
    writeFileSync(join(dir, 'out', '1'), '');
    writeFileSync(join(dir, 'out', 'thesis.txt'), 'mine');
    await expect(write()).rejects.toThrow(
      `${join(dir, 'out')} holds thesis.txt, which would be deleted. Fix: name a folder that does not exist yet, is empty, or holds numbers.`,
    );
    expect(readdirSync(dir)).toEqual(['out']);
    expect(readdirSync(join(dir, 'out'))).toEqual(['1', 'thesis.txt']);
  });

  test('what arrives while the new directory is written stays, too', async () => {
    const writing = withAtomicDirectory(
      join(dir, 'out'),
      async () => {
        await fs.mkdir(join(dir, 'out'));
        await fs.writeFile(join(dir, 'out', 'thesis.txt'), 'mine');
      },
      known,
    );
    await expect(writing).rejects.toThrow(/holds thesis\.txt/);
    expect(readdirSync(join(dir, 'out'))).toEqual(['thesis.txt']);
  });
});
