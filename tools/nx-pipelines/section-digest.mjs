// Prints a digest of some sections of a pipeline file, of the source that it names, and of path, size and time of its images:
// usage: node section-digest.mjs FILE SECTION..., where a SECTION may be a part of one: publish.policyVersions
// Nx hashes whole files; by hashing sections, a changed `evaluate` leaves the results of `prepare` and `train` valid,
// and a changed comment leaves all of them valid.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

const [file, ...sections] = process.argv.slice(2);
const config = parse(readFileSync(file, 'utf8')) ?? {};
const hash = createHash('sha256').update(
  JSON.stringify(sections.map((name) => [name, sorted(sectionOf(name) ?? null)])),
);
const source = config.data?.source?.path;
if (typeof source === 'string') {
  const root = resolve(dirname(file), config.data.root ?? '.');
  const path = resolve(root, source);
  if (!existsSync(path)) hash.update('no source');
  else for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  if (config.data.columns?.images !== undefined && existsSync(root)) hash.update(listing(root));
}
process.stdout.write(`${hash.digest('hex')}\n`);

function sectionOf(name) {
  return name.split('.').reduce((value, key) => value?.[key], config);
}

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
