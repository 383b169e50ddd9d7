import { execFileSync, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { systemCodeOf } from './assay-error.js';
import { sha256OfFile } from './hashing.js';

/** Under what a result was made, apart from what its key holds already. */
export interface RunEnvironment {
  /** Null outside of a repository, and before its first commit. */
  git: { commit: string | null; dirty: boolean | null };
  packageLockSha256: string | null;
  nodeVersion: string;
  hardware: { platform: string; cpu: string; cores: number; memoryBytes: number };
}

/**
 * Describes the commit, the packages and the machine of the present process.
 *
 * @param folder lies inside the repository that counts
 */
export async function describeRunEnvironment(folder: string): Promise<RunEnvironment> {
  const lock = findUpwards(folder, 'package-lock.json');
  const processors = cpus();
  return {
    git: gitState(folder),
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

function gitState(folder: string): RunEnvironment['git'] {
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
