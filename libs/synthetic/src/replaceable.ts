import { AssayError, systemCodeOf } from '@assay/core';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Stands in the README of every data set that this package writes. */
export const SYNTHETIC_MARK = '**This data is synthetic.**';

/**
 * Makes sure that nothing is lost when a directory is replaced.
 *
 * @param names what the new data set holds at the top
 * @throws USAGE unless `dir` is absent, empty, or holds an earlier data set of the same kind and nothing else
 */
export async function assertReplaceable(dir: string, names: readonly string[]): Promise<void> {
  const entries = await entriesOf(dir);
  const foreign = entries.filter((entry) => !names.includes(entry));
  if (entries.length === 0) return;
  if (foreign.length === 0 && entries.includes('truth.jsonl') && (await isMarked(dir))) return;
  throw refusal(
    dir,
    foreign.length > 0 ? `it holds ${foreign.slice(0, 3).join(', ')}` : 'it lacks their marks',
  );
}

async function entriesOf(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    if (systemCodeOf(error) === 'ENOTDIR') throw refusal(dir, 'it is no folder', error);
    throw error;
  }
}

const isMarked = async (dir: string): Promise<boolean> =>
  (await readFile(join(dir, 'README.md'), 'utf8').catch(() => '')).includes(SYNTHETIC_MARK);

const refusal = (dir: string, reason: string, cause?: unknown): AssayError =>
  new AssayError(
    'USAGE',
    `${dir} would be replaced, but is not a synthetic data set of this kind alone: ${reason}. Fix: name a new or empty folder, e.g. --out ${join(dir, 'synthetic')}.`,
    { cause, details: { dir } },
  );
