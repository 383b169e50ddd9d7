// Usage: node libs/data/scripts/planted-duplicates.mjs PREPARED SOURCE
// How many of the copies that `assay synthesize listings` planted were found, by the generator's own truth: linked as duplicates,
// or held in one split by duplicates and sellers; and how many links are not planted. PREPARED is what `assay prepare`
// wrote, SOURCE the folder with truth.jsonl and listings.csv.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

const [prepared, source] = process.argv.slice(2);
if (source === undefined) throw new Error('name the prepared folder and that of the source');
const linesOf = (path) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const originalOf = new Map(
  linesOf(join(source, 'truth.jsonl')).map(({ listing_id, duplicate_of }) => [listing_id, duplicate_of]),
);
const rows = parse(readFileSync(join(source, 'listings.csv')), { columns: true });
const sellerOf = new Map(rows.map((row) => [row.listing_id, row.seller_id]));
const unitOf = new Map();
const sizes = [];
for (const [unit, { ids }] of linesOf(join(prepared, 'components.jsonl')).entries()) {
  sizes.push(ids.length);
  for (const id of ids) unitOf.set(id, unit);
}
const rootOf = (id) => originalOf.get(id) ?? id;
const linked = new Set();
const counts = {};
for (const { kind, a, b } of linesOf(join(prepared, 'duplicates.jsonl')))
  for (const one of a)
    for (const other of b) {
      linked.add(`${one} ${other}`).add(`${other} ${one}`);
      counts[kind] ??= { planted: 0, 'not planted': 0 };
      counts[kind][rootOf(one) === rootOf(other) ? 'planted' : 'not planted']++;
    }
const planted = [...originalOf].filter(([, original]) => original !== null);
const share = (found) => `${found.length} of ${planted.length}`;
console.table(counts);
console.log(
  `planted copies linked to their original: ${share(planted.filter((pair) => linked.has(pair.join(' '))))}`,
);
const isHeld = ([copy, original]) => unitOf.has(copy) && unitOf.get(copy) === unitOf.get(original);
console.log(`held in one split with it: ${share(planted.filter(isHeld))}`);
const siblings = new Map();
for (const [id, seller] of sellerOf) siblings.set(seller, [...(siblings.get(seller) ?? []), id]);
const families = [...siblings.values()].filter((ids) => ids.length > 1);
const isWhole = (ids) => new Set(ids.map((id) => unitOf.get(id))).size === 1;
console.log(
  `sellers of several listings that are whole: ${families.filter(isWhole).length} of ${families.length}`,
);
console.log(
  `largest sets: ${sizes
    .sort((x, y) => y - x)
    .slice(0, 5)
    .join(', ')} records`,
);
