import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asDiskError, AssayError, sha256OfBytes } from '@assay/core';
import type { MlflowClient } from 'mlflow-client-ts';
import { BUNDLE_MANIFEST_FILE, readBundleManifest } from './bundle-manifest.js';
import { readBundleJson, verdictSchema, type Verdict } from './bundle-schemas.js';
import { TAGS } from './tag-names.js';

const VERDICT_FILE = 'evaluation/verdict.json';

/**
 * Reads the verdict out of the published bundle of a version, not out of a tag that anybody may have set.
 *
 * @returns the verdict, its SHA-256, and the digest of the bundle's manifest
 * @throws DISK_FULL when the verdict cannot be stored for a moment
 * @throws BUNDLE_CORRUPT when manifest or verdict are not those that the version was registered with
 */
export async function readRemoteVerdict(
  client: MlflowClient,
  model: string,
  version: string,
): Promise<Verdict & { digest: string; manifestDigest: string }> {
  const uri = `models:/${model}/${version}`;
  const { tags, artifactUri } = await client.resolveModelUri(uri);
  const dir = await mkdtemp(join(tmpdir(), 'assay-verdict-'));
  try {
    await client.artifacts.downloadFile(artifactUri, BUNDLE_MANIFEST_FILE, join(dir, BUNDLE_MANIFEST_FILE));
    await client.artifacts.downloadFile(artifactUri, VERDICT_FILE, join(dir, VERDICT_FILE));
    const { manifest, digest: manifestDigest } = readBundleManifest(dir, tags[TAGS.manifestDigest] ?? 'none');
    const digest = sha256OfBytes(readFileSync(join(dir, VERDICT_FILE)));
    if (manifest.files[VERDICT_FILE]?.sha256 !== digest) {
      throw new AssayError(
        'BUNDLE_CORRUPT',
        `${VERDICT_FILE} of ${uri} is not the one that its manifest lists. Fix: publish the model again.`,
      );
    }
    return { ...readBundleJson(dir, VERDICT_FILE, verdictSchema), digest, manifestDigest };
  } catch (error) {
    throw asDiskError(error, dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
