// Usage: node libs/preprocess/scripts/text-view-changes.mjs FILE.csv COLUMN… [--show KIND] [--limit 20]
// Prints in how many rows each step changed the text of the columns beyond case; --show lists words that one step
// changed, with what they became. Build first: npx tsc --build libs/preprocess
import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse';
import { textViews, TEXT_VIEWS_VERSION } from '../dist/text-views/text-views.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { show: { type: 'string' }, limit: { type: 'string', default: '20' } },
});
const [file, ...columns] = positionals;
const FOLDS = ['lookAlikes', 'spacing', 'leet', 'repeats'];

const counts = new Map();
const examples = new Map();
const add = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
let rows = 0;
for await (const row of createReadStream(file).pipe(parse({ columns: true, bom: true }))) {
  rows++;
  const views = columns.map((column) => textViews(row[column]));
  const changed = new Set(
    views.flatMap(({ changes }) => Object.keys(changes).filter((name) => changes[name])),
  );
  for (const name of changed) add(counts, name);
  if (changed.size > 0) add(counts, 'anything');
  if (FOLDS.some((name) => changed.has(name))) add(counts, 'a fold');
  if (changed.has(options.show)) for (const view of views) showWords(view);
}

console.log(`${TEXT_VIEWS_VERSION}, ${rows} rows of ${file}\n\n| step | rows | share |\n| --- | --: | --: |`);
for (const [name, count] of [...counts].sort((one, other) => other[1] - one[1]))
  console.log(`| ${name} | ${count} | ${((100 * count) / rows).toFixed(2)} % |`);
const most = [...examples].sort((one, other) => other[1] - one[1]).slice(0, Number(options.limit));
for (const [example, count] of most) console.log(`${String(count).padStart(6)}  ${example}`);

/** Words on one side only, in order. */
function showWords({ normalized, folded }) {
  const before = normalized.toLowerCase().split(' ');
  const after = folded.split(' ');
  const gone = before.filter((word) => !after.includes(word));
  const come = after.filter((word) => !before.includes(word));
  if (gone.length > 0) add(examples, `${gone.slice(0, 8).join(' ')} -> ${come.slice(0, 8).join(' ')}`);
}
