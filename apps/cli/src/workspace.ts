import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Root of the workspace: the nearest folder above with an `nx.json`, else the working directory. */
export function workspaceRoot(from: string = process.cwd()): string {
  let dir = resolve(from);
  while (!existsSync(join(dir, 'nx.json'))) {
    const parent = dirname(dir);
    if (parent === dir) return resolve(from);
    dir = parent;
  }
  return dir;
}

/** Folder of everything that a machine makes; `ASSAY_HOME` overrides it. */
export function assayHome(): string {
  const home = process.env['ASSAY_HOME'];
  return home === undefined || home === '' ? join(workspaceRoot(), '.assay') : resolve(home);
}

/** Directory of a stage's result. */
export function stageDir(pipeline: string, stage: 'prepare' | 'train' | 'evaluate' | 'publish'): string {
  return join(runsRoot(), pipeline, stage);
}

/** Folder with the results of every pipeline; `ASSAY_RUNS` overrides it. */
function runsRoot(): string {
  const runs = process.env['ASSAY_RUNS'];
  return runs === undefined || runs === '' ? join(workspaceRoot(), '.assay', 'runs') : resolve(runs);
}

/** Path relative to the working directory when that is shorter. */
export function shortPath(path: string): string {
  const relative = path.startsWith(`${process.cwd()}/`) ? path.slice(process.cwd().length + 1) : path;
  return relative.length < path.length ? relative : path;
}
