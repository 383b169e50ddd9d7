// Prints a digest of some sections of a pipeline file, of the source that it names, and of path, size and time of its images:
// usage: node section-digest.mjs FILE SECTION...
// Nx hashes whole files; by hashing sections, a changed `evaluate` leaves the results of `prepare` and `train` valid,
// and a changed comment leaves all of them valid.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

const [file, ...sections] = process.argv.slice(2);
const config = parse(readFileSync(file, 'utf8')) ?? {};
const hash = createHash('sha256').update(
  JSON.stringify(sections.map((name) => [name, sorted(config[name] ?? null)])),
);
const source = config.data?.source?.path;
if (typeof source === 'string') {
  const root = resolve(dirname(file), config.data.root ?? '.');
  const path = resolve(root, source);
  hash.update(existsSync(path) ? readFileSync(path) : 'no source');
  if (config.data.columns?.images !== undefined && existsSync(root)) hash.update(listing(root));
}
process.stdout.write(`${hash.digest('hex')}\n`);

/** Pixels are too many to read before every command; the stage itself hashes them. */
function listing(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => {
      const { size, mtimeMs } = statSync(path);
      return `${path.slice(root.length)} ${size} ${mtimeMs}\n`;
    })
    .join('');
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
