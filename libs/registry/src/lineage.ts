import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from '@assay/config';
import { describeRunEnvironment, readManifest } from '@assay/core';
import { environmentSchema, readBundleJson, type Lineage } from './bundle-schemas.js';

interface LineageSources {
  loaded: LoadedConfig;
  /** Directories of the finished stages, by name: prepare, train, evaluate. */
  stageDirs: Record<string, string>;
  /** Folder inside the repository whose commit counts; default: the config's folder. */
  repositoryDir?: string;
}

const ENVIRONMENT_FILE = 'environment.json';

/**
 * Collects where a model comes from: commit, resolved config, stage digests, engine, seed, hardware, package lock.
 * Commit, packages and hardware are those of the training, which may have run earlier and elsewhere; they are the present
 * ones where it left no record. Outside a git repository the commit is null.
 *
 * @throws STAGE_INPUT_MISSING when a stage directory holds no finished stage
 */
export async function collectLineage({ loaded, stageDirs, repositoryDir }: LineageSources): Promise<Lineage> {
  const stages: Lineage['stages'] = {};
  let engine: string | null = null;
  for (const [name, dir] of Object.entries(stageDirs)) {
    const { manifest, digest } = await readManifest(dir);
    stages[name] = { digest, key: manifest.key };
    engine ??= manifest.engine;
  }
  return {
    schemaVersion: 1,
    pipeline: loaded.config.name,
    config: loaded.config,
    seed: loaded.config.seed,
    engine,
    stages,
    ...(await environmentOf(stageDirs['train'], repositoryDir ?? dirname(loaded.path))),
  };
}

async function environmentOf(
  trainDir: string | undefined,
  folder: string,
): Promise<Pick<Lineage, 'git' | 'packageLockSha256' | 'nodeVersion' | 'hardware'>> {
  if (trainDir !== undefined && existsSync(join(trainDir, ENVIRONMENT_FILE)))
    return readBundleJson(trainDir, ENVIRONMENT_FILE, environmentSchema);
  const { hardware, ...present } = await describeRunEnvironment(folder);
  return { ...present, hardware: { device: null, ...hardware } };
}
