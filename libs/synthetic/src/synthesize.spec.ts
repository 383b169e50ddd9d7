import { AssayError, sha256OfBytes } from '@assay/core';
import { withTempDir } from '@assay/testing';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { synthesizeConversations, synthesizeListings, synthesizeRoles } from './index.js';

/** Path and hash of every file below a directory. */
function digest(dir: string): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((file) => join(file.parentPath, file.name))
    .sort()
    .map((path) => `${path.slice(dir.length)} ${sha256OfBytes(readFileSync(path))}`);
}

describe.each([
  ['listings', synthesizeListings],
  ['roles', synthesizeRoles],
  ['conversations', synthesizeConversations],
])('%s', (_name, synthesize) => {
  test('the same rows and seed give the same bytes, whatever the concurrency; another seed does not', async () => {
    await withTempDir(async (dir) => {
      const make = async (name: string, seed: number, concurrency: number): Promise<string[]> => {
        await synthesize({ rows: 12, seed, outDir: join(dir, name), concurrency });
        return digest(join(dir, name));
      };
      const first = await make('a', 5, 1);
      expect(await make('b', 5, 7)).toEqual(first);
      expect(await make('c', 6, 1)).not.toEqual(first);
      expect(first.map((line) => line.split(' ')[0])).toEqual(
        expect.arrayContaining(['/README.md', '/truth.jsonl']),
      );
    });
  });

  test.each([0, -3, 2.5, Number.NaN])('%p rows are refused and nothing is written', async (rows) => {
    await withTempDir(async (dir) => {
      const outDir = join(dir, 'out');
      await expect(synthesize({ rows, seed: 1, outDir })).rejects.toMatchObject({ code: 'USAGE' });
      expect(existsSync(outDir)).toBe(false);
    });
  });

  test('progress ends at the number of rows', async () => {
    await withTempDir(async (dir) => {
      const steps: number[][] = [];
      await synthesize({
        rows: 6,
        seed: 1,
        outDir: join(dir, 'out'),
        onProgress: (...step) => steps.push(step),
      });
      expect(steps.at(-1)).toEqual([6, 6]);
    });
  });
});

test('the README example: listings with photos that decode at the size of the truth', async () => {
  await withTempDir(async (dir) => {
    const outDir = join(dir, 'listings');
    const summary = await synthesizeListings({ rows: 20, seed: 7, outDir });
    expect(summary).toMatchObject({ rows: 20, outDir });
    const lines = readFileSync(join(outDir, 'truth.jsonl'), 'utf8').trim().split('\n');
    const truths = lines.map(
      (line) => JSON.parse(line) as { photos: { path: string; width: number; height: number }[] },
    );
    expect(truths).toHaveLength(20);
    const photos = truths.flatMap((truth) => truth.photos);
    expect(photos.length).toBe(summary.photos);
    for (const { path, width, height } of photos) {
      expect(await sharp(join(outDir, path)).metadata()).toMatchObject({ format: 'jpeg', width, height });
    }
    expect(readFileSync(join(outDir, 'README.md'), 'utf8')).toContain('**This data is synthetic.**');
  });
});

test.each([
  ['a folder with files', (out: string) => writeFileSync(join(out, 'thesis.tex'), 'years of work')],
  ['a folder with hidden files', (out: string) => mkdirSync(join(out, '.git'))],
  ['a folder whose files only have the names', (out: string) => writeFileSync(join(out, 'truth.jsonl'), '')],
])('%s is not replaced', async (_, fill) => {
  await withTempDir(async (dir) => {
    const outDir = join(dir, 'out');
    mkdirSync(outDir);
    fill(outDir);
    const before = readdirSync(outDir);
    await expect(synthesizeRoles({ rows: 3, seed: 1, outDir })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('Fix: name a new or empty folder') as string,
    });
    expect(readdirSync(outDir)).toEqual(before);
    expect(readdirSync(dir)).toEqual(['out']);
  });
});

test('a file, and a data set that someone added to, are not replaced; an empty folder and a data set are', async () => {
  await withTempDir(async (dir) => {
    const outDir = join(dir, 'out');
    const make = () => synthesizeConversations({ rows: 3, seed: 1, outDir });
    writeFileSync(outDir, 'text');
    await expect(make()).rejects.toMatchObject({ code: 'USAGE' });
    expect(readFileSync(outDir, 'utf8')).toBe('text');
    rmSync(outDir);
    mkdirSync(outDir);
    await make();
    await make();
    writeFileSync(join(outDir, 'my-labels.csv'), 'mine');
    await expect(make()).rejects.toMatchObject({ code: 'USAGE' });
    expect(readdirSync(outDir)).toContain('my-labels.csv');
  });
});

test('two runs into one folder come one after the other', async () => {
  await withTempDir(async (dir) => {
    const outDir = join(dir, 'out');
    const make = () => synthesizeConversations({ rows: 3, seed: 1, outDir });
    await Promise.all([make(), make()]);
    expect(readdirSync(dir)).toEqual(['out']);
    expect(readdirSync(outDir).sort()).toEqual(['README.md', 'conversations.jsonl', 'truth.jsonl']);
  });
});

test('an abort leaves the earlier data as it was', async () => {
  await withTempDir(async (dir) => {
    const outDir = join(dir, 'out');
    await synthesizeListings({ rows: 3, seed: 1, outDir });
    const before = digest(outDir);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new AssayError('INTERRUPTED', 'stop'));
    const again = synthesizeListings({ rows: 30, seed: 2, outDir, onProgress, signal: controller.signal });
    await expect(again).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(digest(outDir)).toEqual(before);
    expect(readdirSync(dir)).toEqual(['out']);
  });
});
