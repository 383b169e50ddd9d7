import { join } from 'node:path';
import {
  AssayError,
  codeVersionOf,
  createProgress,
  sha256OfFile,
  sha256OfJson,
  sha256OfStrings,
  throwIfInterrupted,
} from '@assay/core';
import { statSync } from 'node:fs';
import { ImageFiles } from './image-files.js';
import {
  fileVersion,
  recallInputs,
  rememberInputs,
  stillKnown,
  type InputMemory,
  type KnownFile,
} from './input-memory.js';
import type { PrepareStageOptions } from './prepare-options.js';
import { assertColumns, findSourceFiles, readRecords, type FoundFiles } from './read-records.js';

type SurveyOptions = Pick<PrepareStageOptions, 'loaded' | 'dir' | 'signal' | 'progress'>;

export interface SurveyedSource {
  numRows: number;
  /** What every pass reads. */
  found: FoundFiles;
  /** Images that the model will look at; none when the pipeline has no image input. */
  images: ImageFiles;
  /** Files of rows by path, in the order in which they are read. */
  files: ReadonlyMap<string, KnownFile>;
  /** Digest of what the rows and the paths of images follow from. */
  key: string;
}

/**
 * Hashes the files of the source, counts its rows and hashes the images that the model will look at. What the last run
 * found out is taken over for files that did not change since.
 *
 * @returns whose images are to be closed
 */
export async function surveySource(options: SurveyOptions): Promise<SurveyedSource> {
  const { loaded, dir } = options;
  const { data } = loaded.config;
  const found = await findSourceFiles(data, loaded.dataRoot);
  await assertColumns(data, loaded.dataRoot, found);
  const memory = recallInputs(dir);
  const files = await hashFiles(found.rows, loaded.dataRoot, memory);
  const key = keyOf(options, files, found);
  const images = new ImageFiles(loaded.dataRoot, data.columns.images?.directory ?? '.', memory?.images);
  try {
    if (memory?.key === key) {
      for (const [path] of memory.images) await images.add(path);
      return { numRows: memory.numRows, found, images, files, key };
    }
    return { numRows: await readSource(options, found, images), found, images, files, key };
  } catch (error) {
    await images.close();
    throw error;
  }
}

/** Takes down what was found, for the next run. */
export async function rememberSource(dir: string, surveyed: SurveyedSource): Promise<void> {
  const { key, numRows, files, images } = surveyed;
  await rememberInputs(dir, { key, numRows, files: [...files], images: images.known() });
}

/** Digests of the source by what they are of. */
export function sourceDigests({
  found,
  files,
  images,
}: Pick<SurveyedSource, 'found' | 'files' | 'images'>): Record<string, string> {
  const source = sha256OfStrings([...files].map(([path, { sha256 }]) => `${path} ${sha256}`));
  return {
    source,
    ...(found.images !== null && { imageNames: sha256OfJson([...found.images]) }),
    ...(images.size > 0 && { images: images.digest() }),
  };
}

/**
 * Looks whether the source is still what it was.
 *
 * @param before its digests
 * @returns the error that says what changed; null when nothing did
 */
export async function changeOf(
  options: SurveyOptions,
  surveyed: SurveyedSource,
  before: Readonly<Record<string, string>>,
): Promise<AssayError | null> {
  try {
    const after = await digestsNow(options, surveyed);
    const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
    return changed.length === 0 ? null : sourceChanged(`${changed.join(' and ')} have another digest`);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    return sourceChanged(error.message, error);
  }
}

/** The digests of what the config names now. */
async function digestsNow(
  { loaded }: SurveyOptions,
  { files, images }: SurveyedSource,
): Promise<Record<string, string>> {
  const found = await findSourceFiles(loaded.config.data, loaded.dataRoot);
  const now = await hashFiles(found.rows, loaded.dataRoot, { files: [...files] });
  await using imagesNow = await images.again();
  return sourceDigests({ found, files: now, images: imagesNow });
}

/** @param what changed, for people */
export const sourceChanged = (what: string, cause?: unknown): AssayError =>
  new AssayError(
    'FILE_CORRUPT',
    `The files of the source changed while they were prepared: ${what}. Fix: run prepare again when nothing writes to them.`,
    { cause },
  );

async function hashFiles(
  paths: readonly string[],
  dataRoot: string,
  memory: Pick<InputMemory, 'files'> | null,
): Promise<Map<string, KnownFile>> {
  const before = new Map(memory?.files);
  const files = new Map<string, KnownFile>();
  for (const path of paths) {
    const file = join(dataRoot, path);
    files.set(path, stillKnown(before.get(path), file) ?? (await hashFile(file)));
  }
  return files;
}

async function hashFile(file: string): Promise<KnownFile> {
  const version = fileVersion(file); // before the bytes: a change in between makes the next run read again
  const sha256 = await sha256OfFile(file);
  return { version, sizeBytes: statSync(file).size, sha256 };
}

function keyOf(
  { loaded }: SurveyOptions,
  files: ReadonlyMap<string, KnownFile>,
  { images }: FoundFiles,
): string {
  const { data, preprocess } = loaded.config;
  const { root: _root, ...dataConfig } = data;
  return sha256OfJson({
    data: dataConfig,
    maxImages: preprocess.image?.maxImages ?? 0,
    files: [...files].map(([path, { sha256 }]) => [path, sha256]),
    named: [...(images ?? [])],
    code: codeVersionOf(['@assay/data']),
  });
}

async function readSource(
  { loaded, signal, progress: mode }: SurveyOptions,
  found: FoundFiles,
  images: ImageFiles,
): Promise<number> {
  const { data, preprocess } = loaded.config;
  using progress = createProgress({ label: 'read source', unit: 'rows', mode });
  let numRows = 0;
  for await (const row of readRecords(data, loaded.dataRoot, found)) {
    throwIfInterrupted(signal);
    progress.update(++numRows, `${images.size} images`);
    if (row.kind === 'record')
      for (const path of row.record.images.slice(0, preprocess.image?.maxImages ?? 0)) await images.add(path);
  }
  progress.finish(`${images.size} images`);
  return numRows;
}
