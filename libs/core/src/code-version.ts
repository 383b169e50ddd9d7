import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { sha256OfStrings } from './hashing.js';

const requireHere = createRequire(__filename);
const cache = new Map<string, string>();

/** Applications run what was built, tests the sources: the version is that of the code which runs. */
const RUNS_BUILT_CODE = basename(__dirname) === 'dist';

/**
 * SHA-256 over the code of the given workspace packages and of every assay package that they depend on, as it runs now:
 * sources that were changed and not yet built do not count. Nor do tests and documents, so that they do not make finished
 * stages stale.
 */
export function codeVersionOf(packageNames: readonly string[]): string {
  const cacheKey = [...packageNames].sort().join(' ');
  const known = cache.get(cacheKey);
  if (known !== undefined) return known;
  const roots = new Map<string, string>();
  for (const name of packageNames) collect(name, roots);
  const parts: string[] = [];
  for (const [name, root] of [...roots].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const path of sourcesOf(root).map(runningFileOf))
      parts.push(`${name}/${relative(root, path)}`, existsSync(path) ? readFileSync(path, 'utf8') : '');
  }
  const version = sha256OfStrings(parts);
  cache.set(cacheKey, version);
  return version;
}

function collect(name: string, roots: Map<string, string>): void {
  if (roots.has(name)) return;
  const packageFile = requireHere.resolve(`${name}/package.json`);
  roots.set(name, dirname(packageFile));
  const { dependencies = {} } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(dependencies))
    if (dependency.startsWith('@assay/')) collect(dependency, roots);
}

/** `src/x.ts`, or `dist/x.js` when built code runs. Files that a build left behind have no source and do not count. */
function runningFileOf(source: string): string {
  if (!RUNS_BUILT_CODE) return source;
  return source.replace(/\/src\/(?!.*\/src\/)/, '/dist/').replace(/\.ts$/, '.js');
}

function sourcesOf(root: string): string[] {
  const entries = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.(spec|fixture)\.ts$|\.md$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
