// Prints a digest of some sections of a pipeline file, of the source that it names, and of path, size and time of its images, through links:
// usage: node section-digest.mjs FILE SECTION..., where a SECTION may be a part of one: publish.policyVersions
// Nx hashes whole files; by hashing sections, a changed `evaluate` leaves the results of `prepare` and `train` valid,
// and a changed comment leaves all of them valid.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
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
  if (config.data.columns?.images !== undefined) for (const line of listing(root)) hash.update(line);
}
process.stdout.write(`${hash.digest('hex')}\n`);

function sectionOf(name) {
  return name.split('.').reduce((value, key) => value?.[key], config);
}

/**
 * A line with path, size and time of every file at or below a path. Pixels are too many to read before every command; the
 * stage itself hashes them. What cannot be looked at has the reason in its line: the stage knows whether it needs it.
 *
 * @param seen folders that were listed, by their real path: a link may lead back, or twice to one
 */
function* listing(root, path = root, seen = new Map()) {
  const name = path.slice(root.length);
  try {
    const stats = statSync(path);
    if (stats.isFile()) yield `${name} ${stats.size} ${stats.mtimeMs}\n`;
    if (!stats.isDirectory()) return;
    const folder = realpathSync(path);
    if (seen.has(folder)) return yield `${name} is ${seen.get(folder)}\n`;
    seen.set(folder, name);
    for (const entry of readdirSync(path).sort()) yield* listing(root, join(path, entry), seen);
  } catch (error) {
    if (error.code === undefined) throw error;
    yield `${name} ${error.code}\n`;
  }
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
