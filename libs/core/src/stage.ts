import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AssayError, systemCodeOf } from './assay-error.js';
import { EXIT } from './error-codes.js';
import { asDiskError, sweepAbandoned, withAtomicDirectory, type Replaceable } from './atomic-files.js';
import { codeVersionOf } from './code-version.js';
import { withFileLock } from './file-lock.js';
import { sha256OfJson } from './hashing.js';
import {
  listFiles,
  MANIFEST_FILE,
  manifestText,
  readManifest,
  verifyManifest,
  type Manifest,
} from './manifest.js';
import { assertLatestRun, clearStale, markStale } from './stage-stale-marker.js';

export interface StageDefinition {
  /** Name of the stage, e.g. `prepare`. */
  name: string;
  /** Everything of the config that changes the result. */
  config: unknown;
  /** Directories of finished stages that this one reads, by name. */
  inputs?: Record<string, string>;
  /** Digests of anything else that it reads (source files), by name. */
  sources?: Record<string, string>;
  /** Workspace packages whose code makes the result. */
  packages: readonly string[];
  /** Engine version, when the stage computes with the engine. */
  engine?: string;
}

export interface StageContext {
  /** Where the stage writes its output; becomes the stage directory when it is complete. */
  outDir: string;
  /** Survives a kill and is removed on success: for checkpoints of this very key. */
  workDir: string;
  key: string;
}

export interface StageResult {
  dir: string;
  manifest: Manifest;
  /** SHA-256 of the manifest file: the name by which later stages refer to this output. */
  digest: string;
  /** Whether an earlier, equal result was found and nothing ran. */
  reused: boolean;
}

type Run = (context: StageContext) => Promise<Record<string, unknown>>;
type Base = Omit<Manifest, 'summary' | 'files'>;

/**
 * Runs a stage unless `dir` already holds its result, and writes the result atomically with a manifest.
 * A stage is a pure function of its key: stage, config, inputs, sources, code and engine.
 * From the start of a run with another key until a run succeeds, the result in `dir` is stale for those who read it.
 *
 * @param definition or a function that finds it out; what that throws makes the result in `dir` stale, too, unless it is an
 *   error of use (exit status 2)
 * @param run writes files to `outDir` and returns facts for the manifest's summary
 * @throws STAGE_INPUT_MISSING when an input directory holds no finished stage
 * @throws FILE_CORRUPT when a file of an input is not what its manifest says
 * @throws STAGE_STALE when a newer run of an input failed, or an input was made anew while the stage ran
 * @throws DISK_FULL when the disk is full; `dir` is then untouched
 * @throws USAGE when `dir` is a folder that holds something else than the result of a stage
 * @throws LOCKED when another process runs the same stage
 */
export async function runStage(
  dir: string,
  definition: StageDefinition | (() => Promise<StageDefinition>),
  run: Run,
  { force = false }: { force?: boolean } = {},
): Promise<StageResult> {
  const target = resolve(dir);
  const work = async (): Promise<StageResult> => {
    await sweepAbandoned(target); // may put back the finished result
    const { known, base } = await describeOrMark(target, definition);
    const result = (force ? undefined : await finishedResult(target, base.key)) ?? {
      ...(await makeResult(target, known, base, run)),
      reused: false,
    };
    await clearStale(target);
    return result;
  };
  return withFileLock(`${target}.lock`, work, { timeoutMs: 1000 });
}

async function describeOrMark(
  target: string,
  definition: StageDefinition | (() => Promise<StageDefinition>),
): Promise<{ known: StageDefinition; base: Base }> {
  try {
    const known = typeof definition === 'function' ? await definition() : definition;
    return { known, base: await describe(known) };
  } catch (error) {
    const isOfUse = error instanceof AssayError && error.exitStatus === EXIT.usage; // it says nothing about the inputs
    if (!isOfUse) await noteFailure(target, null, error);
    throw error;
  }
}

/** A result keeps its manifest even when it is damaged; without one the folder is somebody's own. */
const RESULT: Replaceable = {
  what: `the result of a stage (with a ${MANIFEST_FILE})`,
  strangers: (names) => (names.includes(MANIFEST_FILE) ? [] : names),
};

async function makeResult(
  target: string,
  definition: StageDefinition,
  base: Base,
  run: Run,
): Promise<Omit<StageResult, 'reused'>> {
  const workDir = join(`${target}.work`, base.key.slice(0, 16));
  try {
    await markStale(target, base.key);
    await mkdir(workDir, { recursive: true });
    const write = async (outDir: string): Promise<void> => {
      for (const input of Object.values(definition.inputs ?? {})) await verifyManifest(input);
      const summary = await run({ outDir, workDir, key: base.key });
      await assertInputsUnchanged(definition, base.inputs);
      const manifest: Manifest = { ...base, summary, files: await listFiles(outDir) };
      await writeFile(join(outDir, MANIFEST_FILE), manifestText(manifest));
    };
    await withAtomicDirectory(target, write, RESULT);
  } catch (error) {
    await removeIfEmpty(workDir);
    await removeIfEmpty(`${target}.work`);
    await noteFailure(target, base.key, error);
    throw asDiskError(error, target);
  }
  await rm(`${target}.work`, { recursive: true, force: true });
  return { dir: target, ...(await readManifest(target)) };
}

/** An interruption says nothing about the inputs: it leaves whatever mark the start of the run has set. */
async function noteFailure(target: string, key: string | null, error: unknown): Promise<void> {
  if (systemCodeOf(error) === 'INTERRUPTED') return;
  await markStale(target, key, error).catch(() => undefined); // the error of the run is the one to report
}

async function assertInputsUnchanged(
  { name, inputs = {} }: StageDefinition,
  digests: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [input, dir] of Object.entries(inputs)) {
    if ((await readManifest(dir)).digest === digests[input]) continue;
    throw new AssayError(
      'STAGE_STALE',
      `${dir} was made anew while the stage '${name}' read it. Fix: run the stage '${name}' again.`,
      { details: { stage: name, dir } },
    );
  }
}

/** Removes a directory unless it holds something, e.g. a checkpoint. */
async function removeIfEmpty(dir: string): Promise<void> {
  if (existsSync(dir) && readdirSync(dir).length === 0) await rmdir(dir);
}

async function describe(definition: StageDefinition): Promise<Base> {
  const inputs: Record<string, string> = { ...definition.sources };
  for (const [name, dir] of Object.entries(definition.inputs ?? {})) {
    await assertLatestRun(dir);
    inputs[name] = (await readManifest(dir)).digest;
  }
  const facts = {
    schemaVersion: 1 as const,
    stage: definition.name,
    configDigest: sha256OfJson(definition.config),
    codeVersion: codeVersionOf(definition.packages),
    engine: definition.engine ?? null,
    inputs,
  };
  return { ...facts, config: definition.config, key: sha256OfJson(facts) };
}

async function finishedResult(dir: string, key: string): Promise<StageResult | undefined> {
  if (!existsSync(join(dir, MANIFEST_FILE))) return undefined;
  try {
    const found = await readManifest(dir);
    if (found.manifest.key !== key) return undefined;
    await verifyManifest(dir, 'size');
    return { dir, ...found, reused: true };
  } catch (error) {
    if (error instanceof AssayError || systemCodeOf(error) === 'ENOENT') return undefined; // damaged: made again
    throw error;
  }
}
