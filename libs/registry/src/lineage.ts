import { execFileSync, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from '@assay/config';
import { readManifest, sha256OfFile, systemCodeOf } from '@assay/core';
import type { Lineage } from './bundle-schemas.js';

interface LineageSources {
  loaded: LoadedConfig;
  /** Directories of the finished stages, by name: prepare, train, evaluate. */
  stageDirs: Record<string, string>;
  /** Folder inside the repository whose commit counts; default: the config's folder. */
  repositoryDir?: string;
}

/**
 * Collects where a model comes from: commit, resolved config, stage digests, engine, seed, hardware, package lock.
 * Outside a git repository the commit is null.
 *
 * @throws STAGE_INPUT_MISSING when a stage directory holds no finished stage
 */
export async function collectLineage({ loaded, stageDirs, repositoryDir }: LineageSources): Promise<Lineage> {
  const folder = repositoryDir ?? dirname(loaded.path);
  const stages: Lineage['stages'] = {};
  let engine: string | null = null;
  for (const [name, dir] of Object.entries(stageDirs)) {
    const { manifest, digest } = await readManifest(dir);
    stages[name] = { digest, key: manifest.key };
    engine ??= manifest.engine;
  }
  const lock = findUpwards(folder, 'package-lock.json');
  const processors = cpus();
  return {
    schemaVersion: 1,
    pipeline: loaded.config.name,
    git: gitState(folder),
    config: loaded.config,
    seed: loaded.config.seed,
    engine,
    stages,
    packageLockSha256: lock === undefined ? null : await sha256OfFile(lock),
    nodeVersion: process.versions.node,
    hardware: {
      platform: `${process.platform}-${process.arch}`,
      cpu: processors[0]?.model ?? 'unknown',
      cores: processors.length,
      memoryBytes: totalmem(),
    },
  };
}

function gitState(folder: string): Lineage['git'] {
  const commit = git(folder, 'rev-parse', 'HEAD');
  if (commit === null) return { commit, dirty: null }; // no git, no repository here, or no commit yet
  const changes = git(folder, 'status', '--porcelain');
  return { commit, dirty: changes === null ? null : changes !== '' };
}

/** Output of a git command; null when it fails. */
function git(folder: string, ...args: string[]): string | null {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio }).trim();
  } catch (error) {
    return systemCodeOf(error) === 'ENOBUFS' ? 'more than Node takes' : null;
  }
}

function findUpwards(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return join(at, name);
    if (at === dirname(at)) return undefined;
  }
}
