// Prints a digest of some sections of a pipeline file and of the size and time of the source that it names:
// usage: node section-digest.mjs FILE SECTION...
// Nx hashes whole files; by hashing sections, a changed `evaluate` leaves the results of `prepare` and `train` valid,
// and a changed comment leaves all of them valid.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

const [file, ...sections] = process.argv.slice(2);
const config = parse(readFileSync(file, 'utf8')) ?? {};
const hash = createHash('sha256').update(
  JSON.stringify(sections.map((name) => [name, sorted(config[name] ?? null)])),
);
const source = config.data?.source?.path;
if (typeof source === 'string') {
  const path = resolve(dirname(file), config.data.root ?? '.', source);
  hash.update(existsSync(path) ? readFileSync(path) : 'no source');
}
process.stdout.write(`${hash.digest('hex')}\n`);

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
