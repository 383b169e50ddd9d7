// A file of listings for the benches: the same bytes for the same number of rows.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { ROOT } from '../compiled/sides.mjs';

const HEADER = 'id,title,description,price,category,seller,time,labels';
const CATEGORIES = ['jewellery', 'clothing', 'home', 'toys', 'art', 'craft supplies', 'vintage', 'paper'];
const LABELS = ['', '', '', 'counterfeit', 'weapon', 'resold', 'counterfeit|resold', 'unsafe toy'];
const FOREIGN = ['für', 'café', 'señora', '手作り', 'ручная', '🎁', 'œuvre'];
const ROWS_A_WRITE = 2000;

/** Writes the file once. @returns its path */
export async function listingsCsv(numRows) {
  const path = join(ROOT, '.assay/bench', `listings-${numRows}.csv`);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const random = randomOf(7);
  const words = Array.from({ length: 4000 }, () => wordOf(random));
  const file = createWriteStream(`${path}.tmp`);
  file.write(`${HEADER}\n`);
  for (let first = 0; first < numRows; first += ROWS_A_WRITE) {
    let text = '';
    for (let i = first; i < Math.min(first + ROWS_A_WRITE, numRows); i++) text += rowOf(i, words, random);
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  renameSync(`${path}.tmp`, path);
  return path;
}

/** The same rows as Parquet, written by DuckDB. @returns its path */
export async function listingsParquet(csv) {
  const path = csv.replace(/csv$/, 'parquet');
  if (existsSync(path)) return path;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT * REPLACE (CAST(price AS DOUBLE) AS price) FROM read_csv('${csv}', all_varchar = true, header = true)) TO '${path}.tmp' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  renameSync(`${path}.tmp`, path);
  return path;
}

export async function sha256(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function rowOf(i, words, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const sentence = (numWords) => Array.from({ length: numWords }, () => pick(words)).join(' ');
  const kind = random();
  let description = sentence(50 + Math.floor(random() * 21));
  if (kind < 0.1) description = `${description}, "${pick(words)}" ${pick(words)}`;
  else if (kind < 0.2) description = `${sentence(12)}\n${description}\n\n- ${pick(words)}`;
  else if (kind < 0.3) description = `${description}, ${pick(words)}`;
  else if (kind < 0.35) description = `${pick(FOREIGN)} ${description} ${pick(FOREIGN)}`;
  const title = `${sentence(5)}${kind > 0.97 ? ', large' : ''}`;
  const time = new Date(1_700_000_000_000 + i * 31_000).toISOString();
  const cells = [
    `listing-${String(i).padStart(9, '0')}`,
    title,
    description,
    (random() * 500).toFixed(2),
    pick(CATEGORIES),
    `seller-${Math.floor(random() * 50_000)}`,
    time,
    pick(LABELS),
  ];
  return `${cells.map(quoted).join(',')}\n`;
}

const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

const wordOf = (random) =>
  Array.from({ length: 2 + Math.floor(random() * 9) }, () =>
    String.fromCharCode(97 + Math.floor(random() * 26)),
  ).join('');

/** Mulberry32. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
