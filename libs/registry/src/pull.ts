import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError, withAtomicDirectory, withFileLock } from '@assay/core';
import { parseModelUri, type MlflowClient, type ResolvedModel } from 'mlflow-client-ts';
import { verifyBundle } from './bundle-manifest.js';
import { ChampionLedger } from './champion-ledger.js';
import { talkingToMlflow } from './registry-errors.js';
import { ALIASES, TAGS } from './tag-names.js';

export interface PullOptions {
  client: MlflowClient;
  /** `models:/listings@champion`, `models:/listings/7`. */
  uri: string;
  /** Holds one folder per bundle, named by the digest of its manifest. */
  cacheDir: string;
}

export interface PulledBundle {
  dir: string;
  name: string;
  version: string;
  modelId: string | null;
  /** SHA-256 of the bundle's manifest, equal to the tag of the version. */
  manifestDigest: string;
}

/**
 * Brings the bundle of a model version to this machine, checking every byte, also of a copy that is here already.
 * What does not match is removed and never returned. `@champion` is the champion of the ledger, that is of the last
 * promotion, wherever somebody may have pointed the alias since.
 *
 * @throws GATE_FAILED when nothing was ever promoted to the champion that is asked for
 * @throws MODEL_NOT_FOUND when there is no such model, version or alias
 * @throws BUNDLE_CORRUPT when a file or the manifest is not what the registry promises
 */
export async function pull({ client, uri, cacheDir }: PullOptions): Promise<PulledBundle> {
  const what = `pull ${uri}`;
  const found = await talkingToMlflow(what, () => resolve(client, uri));
  const manifestDigest = found.tags[TAGS.manifestDigest];
  if (manifestDigest === undefined || !/^[0-9a-f]{64}$/.test(manifestDigest)) {
    throw new AssayError(
      'BUNDLE_CORRUPT',
      `${uri} has no valid tag ${TAGS.manifestDigest}, so its files cannot be checked; nothing was loaded. Fix: publish it with 'assay publish'.`,
    );
  }
  const dir = join(cacheDir, manifestDigest);
  await withFileLock(
    `${dir}.lock`,
    async () => {
      if (await isIntact(dir, manifestDigest)) return;
      await rm(dir, { recursive: true, force: true });
      await withAtomicDirectory(dir, async (temporary) => {
        await talkingToMlflow(what, () => client.artifacts.downloadDirectory(found.artifactUri, temporary));
        await verifyBundle(temporary, manifestDigest);
      });
    },
    { timeoutMs: 600_000 },
  );
  return { dir, name: found.name, version: found.version, modelId: found.modelId ?? null, manifestDigest };
}

async function resolve(client: MlflowClient, uri: string): Promise<ResolvedModel> {
  const parsed = parseModelUri(uri);
  if (parsed.kind !== 'alias' || parsed.alias !== ALIASES.champion) return client.resolveModelUri(uri);
  const champion = (await new ChampionLedger(client, parsed.name).entries()).at(-1);
  if (champion === undefined) {
    const { version } = await client.registeredModels.getAlias(parsed.name, parsed.alias);
    throw new AssayError(
      'GATE_FAILED',
      `${uri} points at version ${version}, which no promotion made the champion, so no gate was asked; nothing was loaded. Fix: run 'assay promote ${parsed.name} --model-version ${version} --reason …'.`,
      { details: { model: parsed.name, version } },
    );
  }
  const found = await client.resolveModelUri(`models:/${parsed.name}/${champion.version}`);
  if (found.tags[TAGS.manifestDigest] === champion.manifestDigest) return found;
  throw new AssayError(
    'BUNDLE_CORRUPT',
    `Version ${champion.version} of ${parsed.name} is not the bundle that was promoted: its tag ${TAGS.manifestDigest} was changed, or the model was deleted and made again. Nothing was loaded. Fix: publish and promote again.`,
    { details: { model: parsed.name, version: champion.version } },
  );
}

async function isIntact(dir: string, manifestDigest: string): Promise<boolean> {
  if (!existsSync(dir)) return false;
  try {
    await verifyBundle(dir, manifestDigest);
    return true;
  } catch (error) {
    if (error instanceof AssayError && error.code === 'BUNDLE_CORRUPT') return false;
    throw error;
  }
}
