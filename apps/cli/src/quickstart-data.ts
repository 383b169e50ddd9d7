import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeVersionOf, createProgress, sha256OfFile, writeFileAtomic } from '@assay/core';
import { note } from './output.js';

interface Synthesis {
  rows: number;
  seed: number;
  outDir: string;
  signal: AbortSignal;
}

/**
 * Makes the listings unless the same ones are there already. A stamp beside them says how they were made, and the hash
 * that their table had: `assay synthesize` or a reader may have changed or removed them since.
 */
export async function synthesizeOnce({ rows, seed, outDir, signal }: Synthesis): Promise<void> {
  const { synthesizeListings } = await import('@assay/synthetic');
  const stamp = `${outDir}.quickstart.json`;
  const facts = { rows, seed, code: codeVersionOf(['@assay/synthetic']) };
  if (await isMade(stamp, outDir, facts)) return note('  there already');
  await rm(stamp, { force: true }); // a kill from here on leaves data that nothing vouches for
  using progress = createProgress({ label: '  synthesize', total: rows, unit: 'listings' });
  await synthesizeListings({ rows, seed, outDir, signal, onProgress: (done) => progress.update(done) });
  progress.finish();
  await writeFileAtomic(stamp, await stampText(outDir, facts));
}

async function isMade(stamp: string, outDir: string, facts: object): Promise<boolean> {
  if (!existsSync(stamp) || !existsSync(tableOf(outDir))) return false;
  return readFileSync(stamp, 'utf8') === (await stampText(outDir, facts));
}

const stampText = async (outDir: string, facts: object): Promise<string> =>
  JSON.stringify({ ...facts, sha256: await sha256OfFile(tableOf(outDir)) });

const tableOf = (outDir: string): string => join(outDir, 'listings.csv');
