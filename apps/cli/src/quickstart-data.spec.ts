import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { synthesizeOnce } from './quickstart-data.js';

const { signal } = new AbortController();
const WANTED = { rows: 3, seed: 7, signal };

/** Makes listings, lets a test spoil them, asks for them again, and gives what is there then. */
async function askTwice(spoil: (outDir: string) => unknown): Promise<{ first: string; second: string }> {
  return withTempDir(async (dir) => {
    const outDir = join(dir, 'listings');
    const table = (): string => readFileSync(join(outDir, 'listings.csv'), 'utf8');
    await synthesizeOnce({ ...WANTED, outDir });
    const first = table();
    await spoil(outDir);
    await synthesizeOnce({ ...WANTED, outDir });
    return { first, second: table() };
  });
}

const wasQuiet = process.env['ASSAY_QUIET'];
beforeAll(() => (process.env['ASSAY_QUIET'] = '1'));
afterAll(() => (process.env['ASSAY_QUIET'] = wasQuiet ?? ''));

test('listings that are there already are not made again', async () => {
  await withTempDir(async (dir) => {
    const outDir = join(dir, 'listings');
    await synthesizeOnce({ ...WANTED, outDir });
    writeFileSync(join(outDir, 'mark'), '');
    await synthesizeOnce({ ...WANTED, outDir });
    expect(readdirSync(outDir)).toContain('mark');
  });
});

test('the quickstart took listings that somebody else had made for its own', async () => {
  const { first, second } = await askTwice(async (outDir) => {
    const { synthesizeListings } = await import('@assay/synthetic');
    await synthesizeListings({ rows: 2, seed: 3, outDir, signal });
  });
  expect(second).toBe(first);
});

test('the quickstart failed for good once its listings had been deleted', async () => {
  const { first, second } = await askTwice((outDir) => rmSync(outDir, { recursive: true }));
  expect(second).toBe(first);
});

test('a quickstart that is cut while it makes listings leaves no stamp that vouches for others', () =>
  withTempDir(async (dir) => {
    const outDir = join(dir, 'listings');
    await synthesizeOnce({ ...WANTED, outDir });
    const cut = synthesizeOnce({ rows: 2, seed: 3, outDir, signal: AbortSignal.abort() });
    await expect(cut).rejects.toThrow();
    expect(existsSync(`${outDir}.quickstart.json`)).toBe(false);
  }));
