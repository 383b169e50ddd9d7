import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AssayError, systemCodeOf } from './assay-error.js';
import { readJson, writeJsonAtomic } from './atomic-files.js';
import { readManifest, type Manifest } from './manifest.js';

/**
 * A run of a stage whose key differs from that of the finished result beside it. It is written when the run starts and goes
 * away when a run succeeds, so that a failure, an interruption and a kill leave it alike: the result is an earlier one.
 */
interface NewerRun {
  schemaVersion: 1;
  stage: string;
  /** Key of the run, or null when it failed before that was known. */
  key: string | null;
  /** What the run failed with; null while it goes on, and after it was interrupted or killed. */
  error: string | null;
}

/** Beside the directory, because every byte inside it is hashed. */
const markerOf = (dir: string): string => `${resolve(dir)}.stale.json`;

/**
 * Says that the result in `dir` is that of an earlier run, unless there is none or it has this very key.
 *
 * @param key of the run that is to replace it; null when that is not known
 */
export async function markStale(dir: string, key: string | null, error?: unknown): Promise<void> {
  const manifest = await finishedManifest(dir);
  if (manifest === undefined || manifest.key === key) return;
  const marker: NewerRun = { schemaVersion: 1, stage: manifest.stage, key, error: messageOf(error) };
  await writeJsonAtomic(markerOf(dir), marker);
}

// No instanceof: errors of Node's own modules may come from another realm.
function messageOf(error: unknown): string | null {
  if (error === undefined) return null;
  const message = error !== null && typeof error === 'object' && 'message' in error ? error.message : error;
  return typeof message === 'string' ? message : 'for an unknown reason';
}

/** Says that the result in `dir` is that of the latest run. */
export async function clearStale(dir: string): Promise<void> {
  await rm(markerOf(dir), { force: true });
}

/**
 * Refuses the result of an earlier run when a newer one failed, was interrupted or is still going on.
 *
 * @throws STAGE_STALE when so
 * @throws STAGE_INPUT_MISSING when the directory holds no finished stage
 */
export async function assertLatestRun(dir: string): Promise<void> {
  const { manifest } = await readManifest(dir);
  const newer = await readMarker(dir);
  if (newer === undefined || newer.key === manifest.key) return; // equal: killed between its success and clearStale
  const { stage } = manifest;
  const what = newer.error === null ? 'was interrupted, or still goes on' : `failed: ${newer.error}`;
  const ending = /[.!?]$/.test(what) ? '' : '.';
  throw new AssayError(
    'STAGE_STALE',
    `${dir} holds the result of an earlier run; a newer run of ${stage} ${what}${ending} Fix: run assay ${stage} again until it succeeds.`,
    { details: { stage, dir } },
  );
}

async function readMarker(dir: string): Promise<NewerRun | undefined> {
  try {
    return (await readJson(markerOf(dir))) as NewerRun; // written by markStale in one step
  } catch (error) {
    if (systemCodeOf(error) === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function finishedManifest(dir: string): Promise<Manifest | undefined> {
  try {
    return (await readManifest(dir)).manifest;
  } catch (error) {
    if (error instanceof AssayError) return undefined; // none, or damaged, which its readers notice by themselves
    throw error;
  }
}
