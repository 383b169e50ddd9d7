import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { AssayError, canonicalJson, listFiles, sha256OfBytes, sha256OfFile, systemCodeOf } from '@assay/core';
import { writeFileAtomic } from '@assay/core';
import { z } from 'zod';

/** Lists every other file of a bundle with size and SHA-256; its own digest names the bundle. */
export const BUNDLE_MANIFEST_FILE = 'manifest.sha256.json';

const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  files: z.record(
    z.string(),
    z.strictObject({ sizeBytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type BundleManifest = z.infer<typeof manifestSchema>;

/**
 * Writes the manifest of a bundle directory whose other files are complete.
 *
 * @returns the digest of the manifest, 64 hex digits: equal files give an equal digest
 */
export async function writeBundleManifest(dir: string): Promise<string> {
  const files = await listFiles(dir, BUNDLE_MANIFEST_FILE);
  const manifest: BundleManifest = { schemaVersion: 1, files };
  const text = `${JSON.stringify(JSON.parse(canonicalJson(manifest)), null, 2)}\n`;
  await writeFileAtomic(join(dir, BUNDLE_MANIFEST_FILE), text);
  return sha256OfBytes(text);
}

/**
 * Reads the manifest of a bundle without looking at the other files.
 *
 * @throws BUNDLE_CORRUPT when it is missing, malformed, or has another digest than expected
 */
export function readBundleManifest(
  dir: string,
  expectedDigest?: string,
): { manifest: BundleManifest; digest: string } {
  const bytes = readManifestBytes(dir);
  const digest = sha256OfBytes(bytes);
  if (expectedDigest !== undefined && digest !== expectedDigest) {
    throw corrupt(
      dir,
      BUNDLE_MANIFEST_FILE,
      `has the digest ${digest}; the registry promises ${expectedDigest}`,
    );
  }
  return { manifest: parseBundleManifest(bytes, dir), digest };
}

/** `readBundleManifest` of bytes that are already here; `dir` only names the bundle in messages. */
export function parseBundleManifest(bytes: Uint8Array, dir: string): BundleManifest {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw corrupt(dir, BUNDLE_MANIFEST_FILE, 'is not JSON', error);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success)
    throw corrupt(dir, BUNDLE_MANIFEST_FILE, 'does not follow schema version 1', parsed.error);
  return parsed.data;
}

/**
 * Checks every byte of a bundle: each listed file is there with its size and hash, and nothing else is.
 *
 * @param expectedDigest digest that the registry promises for the manifest itself
 * @returns the digest of the manifest
 * @throws BUNDLE_CORRUPT naming the first file that is missing, surplus or different
 */
export async function verifyBundle(dir: string, expectedDigest?: string): Promise<string> {
  const { manifest, digest } = readBundleManifest(dir, expectedDigest);
  const found = new Set(filesBelow(dir));
  found.delete(BUNDLE_MANIFEST_FILE);
  for (const path of Object.keys(manifest.files)) {
    if (!found.has(path)) throw corrupt(dir, path, 'is missing');
  }
  for (const path of found) {
    const expected = manifest.files[path];
    if (expected === undefined) throw corrupt(dir, path, 'is not listed in the manifest');
    await checkFile(dir, path, expected);
  }
  return digest;
}

async function checkFile(
  dir: string,
  path: string,
  expected: BundleManifest['files'][string],
): Promise<void> {
  const stat = lstatSync(join(dir, path));
  if (!stat.isFile()) throw corrupt(dir, path, 'is not a plain file');
  if (stat.size !== expected.sizeBytes) {
    throw corrupt(dir, path, `has ${stat.size} bytes; the manifest says ${expected.sizeBytes}`);
  }
  const sha256 = await sha256OfFile(join(dir, path));
  if (sha256 !== expected.sha256)
    throw corrupt(dir, path, `has the SHA-256 ${sha256}; the manifest says ${expected.sha256}`);
}

/** Paths of everything below `dir` that is no directory, with forward slashes, sorted. */
export function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function readManifestBytes(dir: string): Buffer {
  const path = join(dir, BUNDLE_MANIFEST_FILE);
  try {
    if (!lstatSync(path).isFile()) throw corrupt(dir, BUNDLE_MANIFEST_FILE, 'is not a plain file');
    return readFileSync(path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw corrupt(dir, BUNDLE_MANIFEST_FILE, 'is missing', error);
  }
}

function corrupt(dir: string, file: string, what: string, cause?: unknown): AssayError {
  return new AssayError(
    'BUNDLE_CORRUPT',
    `${file} of the bundle ${dir} ${what}. Nothing was loaded. Fix: delete that directory and run the same command again; if the registry's copy is damaged, publish the model again.`,
    { cause, details: { dir, file } },
  );
}
