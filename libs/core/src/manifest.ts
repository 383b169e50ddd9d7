import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { AssayError, systemCodeOf } from './assay-error.js';
import { canonicalJson } from './canonical-json.js';
import { sha256OfBytes, sha256OfFile } from './hashing.js';

/** Name of the manifest in every directory that a stage writes. */
export const MANIFEST_FILE = 'manifest.json';

export interface ManifestFile {
  sizeBytes: number;
  sha256: string;
}

/** What a stage wrote and from what. It holds no time of day, so equal work gives equal bytes. */
export interface Manifest {
  schemaVersion: 1;
  /** Stage that wrote it, e.g. `prepare`. */
  stage: string;
  /** SHA-256 of (stage, config section, inputs, code version, engine). */
  key: string;
  /** Everything of the config that changes the result. */
  config: unknown;
  configDigest: string;
  codeVersion: string;
  engine: string | null;
  /** Digest of the manifest of each input stage, by its name. */
  inputs: Record<string, string>;
  /** Facts of the stage, e.g. row counts. */
  summary: Record<string, unknown>;
  /** Every other file, by its path with forward slashes. */
  files: Record<string, ManifestFile>;
}

/** Size and SHA-256 of every file below `dir` except the manifest itself, sorted by path. */
export async function listFiles(
  dir: string,
  except: string = MANIFEST_FILE,
): Promise<Record<string, ManifestFile>> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => relative(dir, join(entry.parentPath, entry.name))).sort();
  const files: Record<string, ManifestFile> = {};
  for (const path of paths) {
    if (path === except) continue;
    files[path] = { sizeBytes: statSync(join(dir, path)).size, sha256: await sha256OfFile(join(dir, path)) };
  }
  return files;
}

/** Text of a manifest file; its SHA-256 is the digest by which later stages name it. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(manifest)), null, 2)}\n`;
}

/**
 * Reads the manifest of a stage directory.
 *
 * @returns the manifest and its digest
 * @throws STAGE_INPUT_MISSING when the directory has none
 * @throws FILE_CORRUPT when it is damaged
 */
export async function readManifest(dir: string): Promise<{ manifest: Manifest; digest: string }> {
  const path = join(dir, MANIFEST_FILE);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT' && systemCodeOf(error) !== 'ENOTDIR') throw error;
    throw new AssayError(
      'STAGE_INPUT_MISSING',
      `${dir} holds no finished stage (no ${MANIFEST_FILE}). Fix: run the stage that writes it first.`,
      {
        cause: error,
        details: { dir },
      },
    );
  }
  const manifest = parsed(bytes);
  if (manifest?.schemaVersion !== 1 || typeof manifest.files !== 'object' || manifest.files === null) {
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} is not a manifest of schema version 1. Fix: delete ${dir} and run the stage again.`,
    );
  }
  return { manifest: manifest as Manifest, digest: sha256OfBytes(bytes) }; // of the version that runStage writes
}

/** What the bytes say, as far as they are JSON; its shape is the caller's to check. */
function parsed(bytes: Buffer): Partial<Manifest> | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as Partial<Manifest> | null; // written by runStage, or damaged
  } catch {
    return null;
  }
}

/**
 * Checks every file of a stage directory against its manifest.
 *
 * @param how `size` compares sizes only; `sha256` reads every byte
 * @throws FILE_CORRUPT naming the first file that is missing or differs
 */
export async function verifyManifest(dir: string, how: 'size' | 'sha256' = 'sha256'): Promise<void> {
  const { manifest } = await readManifest(dir);
  for (const [path, expected] of Object.entries(manifest.files)) {
    const sizeBytes = statSync(join(dir, path), { throwIfNoEntry: false })?.size;
    const damaged =
      sizeBytes !== expected.sizeBytes ||
      (how === 'sha256' && (await sha256OfFile(join(dir, path))) !== expected.sha256);
    if (damaged) {
      throw new AssayError(
        'FILE_CORRUPT',
        `${join(dir, path)} is ${sizeBytes === undefined ? 'missing' : 'not what its manifest says'}. Fix: run the stage '${manifest.stage}' again with --force.`,
        {
          details: { dir, path },
        },
      );
    }
  }
}
