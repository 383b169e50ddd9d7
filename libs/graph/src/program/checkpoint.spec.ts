import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.js';
import { compile } from './compile.js';
import { BIG, PERCEPTRON, perceptronBatch, tableBatch, tableModel } from './small-models.fixture.js';

/** Saves values 1, 2, 3, … of BIG until it is killed. */
const SAVER = join(__dirname, 'save-child.fixture.cjs');

const OPTIONS = { optimizer: { kind: 'adamw' }, seed: 4, averageDecay: 0.9, clipNorm: 1 } as const;

/** Steps `from` … `to` of the perceptron. */
function train(program: ReturnType<typeof compile>, from: number, to: number): void {
  for (let step = from; step <= to; step++)
    program.step(perceptronBatch(4, step), { learningRate: 0.05, step });
}

it('a run that is saved, ended and restored goes on to the same bits', async () => {
  await withTempDir(async (root) => {
    const dir = join(root, 'checkpoint');
    using undisturbed = compile(PERCEPTRON, OPTIONS);
    train(undisturbed, 1, 8);
    {
      using first = compile(PERCEPTRON, OPTIONS);
      train(first, 1, 3);
      await first.save(dir);
      train(first, 4, 5); // work that is lost
    }
    using second = compile(PERCEPTRON, { ...OPTIONS });
    await second.restore(dir);
    train(second, 4, 8);
    expect(second.readVariables()).toEqual(undisturbed.readVariables());
  });
});

it('two programs of one process keep their variables apart', () => {
  using first = compile(PERCEPTRON, OPTIONS);
  using second = compile(PERCEPTRON, OPTIONS);
  const before = second.readVariables();
  train(first, 1, 2);
  expect(second.readVariables()).toEqual(before);
});

it('a process that is killed while it saves leaves a whole checkpoint', async () => {
  await withTempDir(async (root) => {
    const dir = join(root, 'checkpoint');
    for (const delay of [0, 7, 19]) {
      const child = spawn(process.execPath, ['-C', '@assay/source', SAVER, dir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data'); // the first is saved
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await once(child, 'exit');
      using program = compile(BIG, { optimizer: { kind: 'sgd' } });
      await program.restore(dir);
      const { data } = program.readVariables(['w']).w!;
      expect(data[0]).toBeGreaterThanOrEqual(1);
      expect(data.every((value) => value === data[0])).toBe(true);
    }
    expect((await readdir(root)).sort()).toEqual(['checkpoint']); // what was cut off is swept
  });
}, 60_000);

describe('a checkpoint is refused', () => {
  it('when there is none', async () => {
    await withTempDir(async (root) => {
      using program = compile(PERCEPTRON, OPTIONS);
      await expect(program.restore(join(root, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    });
  });

  it('of another program, with the difference', async () => {
    await withTempDir(async (root) => {
      using program = compile(PERCEPTRON, OPTIONS);
      using table = compile(tableModel(true), { optimizer: { kind: 'adamw' } });
      using bare = compile(PERCEPTRON, { ...OPTIONS, freeze: /hidden/ });
      await table.save(join(root, 'table'));
      await bare.save(join(root, 'bare'));
      await expect(program.restore(join(root, 'table'))).rejects.toThrow(
        /it has 'table' of shape \[50, 4\], expected no such/,
      );
      await expect(program.restore(join(root, 'bare'))).rejects.toThrow(
        /it lacks 'optimizer\/moment1\/hidden\/weight'/,
      );
    });
  });

  it('when it is damaged, and nothing is changed', async () => {
    await withTempDir(async (root) => {
      const dir = join(root, 'checkpoint');
      using program = compile(tableModel(true), { optimizer: { kind: 'adamw' } });
      await program.save(dir);
      program.step(tableBatch(3, 2, 1), { learningRate: 0.1, step: 1 });
      const before = program.readVariables();
      const [data] = (await readdir(dir)).filter((name) => name.includes('.data-'));
      const file = join(dir, data!);
      await truncate(file, (await readFile(file)).length - 8);
      await expect(program.restore(dir)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
      await writeFile(join(dir, 'checkpoint.json'), '{}');
      await expect(program.restore(dir)).rejects.toThrow(/is not a checkpoint of version 2/);
      expect(program.readVariables()).toEqual(before);
    });
  });
});

describe('an index is refused', () => {
  it.each([
    ['with a variable that is none', (index: { variables: unknown[] }) => index.variables.push(null)],
    ['with a shape that is none', (index: { variables: unknown[] }) => (index.variables = [{ name: 'w' }])],
  ])('%s', async (_, damage) => {
    await withTempDir(async (root) => {
      using program = compile(PERCEPTRON, OPTIONS);
      await program.save(join(root, 'it'));
      const file = join(root, 'it', 'checkpoint.json');
      const index = JSON.parse(await readFile(file, 'utf8')) as { variables: unknown[] };
      damage(index);
      await writeFile(file, JSON.stringify(index));
      await expect(program.restore(join(root, 'it'))).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    });
  });

  it('with any byte flipped, and nothing is read then', async () => {
    await withTempDir(async (root) => {
      const dir = join(root, 'it');
      const owner = { optimizer: 'sgd', variables: [{ name: 'w', shape: [2, 3] }] };
      await saveCheckpoint(dir, owner, () => undefined);
      const file = join(dir, 'checkpoint.json');
      const bytes = await readFile(file);
      const isSpace = (byte: number): boolean => /\s/.test(String.fromCharCode(byte));
      for (const [i, byte] of bytes.entries()) {
        if (isSpace(byte)) continue;
        const damaged = Buffer.from(bytes);
        damaged[i] = byte ^ 1;
        await writeFile(file, damaged);
        const read = jest.fn();
        await expect(restoreCheckpoint(dir, owner, read)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
        expect(read).not.toHaveBeenCalled();
      }
    });
  });

  it('of another optimiser whose variables have the same names', async () => {
    await withTempDir(async (root) => {
      using adam = compile(PERCEPTRON, { optimizer: { kind: 'adam' } });
      using lamb = compile(PERCEPTRON, { optimizer: { kind: 'lamb' } });
      await adam.save(join(root, 'adam'));
      expect(lamb.variableNames).toEqual(adam.variableNames);
      await expect(lamb.restore(join(root, 'adam'))).rejects.toThrow(/its optimiser is adam, expected lamb/);
    });
  });
});

describe('saving and exporting delete nothing but what they wrote:', () => {
  it('a folder with something else stays as it is', async () => {
    using program = compile(PERCEPTRON, OPTIONS);
    await withTempDir(async (root) => {
      await writeFile(join(root, 'thesis.txt'), 'mine');
      const names = /holds thesis\.txt, which would be deleted\. Fix: .* is empty, or holds a/;
      await expect(program.save(root)).rejects.toThrow(names);
      await expect(program.exportSavedModel(root)).rejects.toThrow(names);
      expect(await readdir(root)).toEqual(['thesis.txt']);
    });
  });

  it('a checkpoint or an export to which something was added stays as it is', async () => {
    using program = compile(PERCEPTRON, OPTIONS);
    await withTempDir(async (root) => {
      for (const [name, write] of [
        ['checkpoint', (dir: string) => program.save(dir)],
        ['saved_model', (dir: string) => program.exportSavedModel(dir, 'checkpoint')],
      ] as const) {
        const dir = join(root, name);
        await write(dir);
        await write(dir); // replaces its like
        await writeFile(join(dir, 'thesis.txt'), 'mine');
        await expect(write(dir)).rejects.toThrow(/holds thesis\.txt/);
        expect(await readFile(join(dir, 'thesis.txt'), 'utf8')).toBe('mine');
      }
      await expect(program.save(join(root, 'saved_model'))).rejects.toThrow(/holds saved_model\.pb/);
    });
  });

  it('a folder that only looks like one of theirs stays as it is', async () => {
    using program = compile(PERCEPTRON, OPTIONS);
    await withTempDir(async (root) => {
      const export_ = join(root, 'saved_model');
      await program.exportSavedModel(export_, 'checkpoint');
      const variables = await readdir(join(export_, 'variables'));
      await expect(program.save(join(export_, 'variables'))).rejects.toThrow(/holds variables\./);
      expect(await readdir(join(export_, 'variables'))).toEqual(variables);

      await mkdir(join(root, 'notes'));
      for (const [file, write] of [
        ['checkpoint.json', (dir: string) => program.save(dir)],
        ['variables', (dir: string) => program.exportSavedModel(dir)],
      ] as const) {
        await writeFile(join(root, 'notes', file), '{"my":"own"}');
        await expect(write(join(root, 'notes'))).rejects.toThrow(new RegExp(`holds .*${file}`));
        expect(await readFile(join(root, 'notes', file), 'utf8')).toBe('{"my":"own"}');
      }
      await writeFile(join(root, 'notes', 'saved_model.pb'), '');
      await expect(program.exportSavedModel(join(root, 'notes'))).rejects.toThrow(
        /checkpoint\.json, variables/,
      );
    });
  });

  it("'', the working directory, a file, and a path that cannot be made are refused", async () => {
    using program = compile(PERCEPTRON, OPTIONS);
    await withTempDir(async (root) => {
      const before = process.cwd();
      await mkdir(join(root, 'inner'));
      await writeFile(join(root, 'inner', 'thesis.txt'), 'mine');
      process.chdir(join(root, 'inner'));
      try {
        for (const dir of ['', '.', 'thesis.txt', 'thesis.txt/x', '/proc/nope/x'])
          for (const writing of [() => program.save(dir), () => program.exportSavedModel(dir)])
            await expect(writing()).rejects.toMatchObject({ code: 'USAGE' });
        expect(await readdir('.')).toEqual(['thesis.txt']);
        expect(await readdir(root)).toEqual(['inner']);
      } finally {
        process.chdir(before);
      }
    });
  });
});

it.each<[string, (root: string) => Promise<void>, RegExp]>([
  [
    'that does not exist',
    () => Promise.resolve(),
    /dir does not exist\. Fix: name a folder that save\(\) wrote/,
  ],
  ['that is a file', (dir) => writeFile(dir, 'x'), /dir is no checkpoint: checkpoint\.json cannot be read/],
  [
    'that is an export',
    async (dir) => {
      using program = compile(PERCEPTRON, OPTIONS);
      await program.exportSavedModel(dir);
    },
    /dir is a SavedModel, which has no state to train on from\. Fix: name a folder that save/,
  ],
])('restoring from a path %s says so', async (_, make, message) => {
  using program = compile(PERCEPTRON, OPTIONS);
  await withTempDir(async (root) => {
    const dir = join(root, 'dir');
    await make(dir);
    const restoring = program.restore(dir);
    await expect(restoring).rejects.toThrow(message);
    await expect(restoring).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
