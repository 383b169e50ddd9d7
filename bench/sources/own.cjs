// One reading of one file by one reader; prints what it found, the seconds and the peak of the memory as JSON.
const { basename, dirname, join } = require('node:path');
const { createReadStream } = require('node:fs');

const [reader, path] = process.argv.slice(2);

const CATEGORIES = ['jewellery', 'clothing', 'home', 'toys', 'art', 'craft supplies', 'vintage', 'paper'];
/** Every column has a meaning, so that every cell is checked. */
const PIPELINE = (file) => `
schemaVersion: 1
name: bench
description: Listings of the bench.
seed: 1
data:
  root: .
  source: { path: ${file} }
  columns:
    id: id
    text: { title: title, description: description }
    numeric: [price]
    group: seller
    time: time
    slices: [labels]
  labels:
    kind: multi-class
    column: category
    classes: [${CATEGORIES.map((name) => `{ name: ${name.replace(' ', '_')}, value: ${name} }`).join(', ')}]
  split: { strategy: group }
preprocess: { text: { fields: [title, description] } }
model: { text: {} }
`;

const READERS = {
  own: async (count) => {
    const { openSource } = require(join(__dirname, '../../libs/data/dist/sources/open-source.js'));
    const source = await openSource({ path: basename(path) }, dirname(path));
    for await (const { rows } of source.blocks()) for (const { cells } of rows) count(cells);
  },
  'own, records': async (count) => {
    const { parseConfig } = require('@assay/config');
    const { readRecords } = require('@assay/data');
    const { data } = parseConfig(PIPELINE(basename(path)));
    for await (const row of readRecords(data, dirname(path))) {
      if (row.kind === 'rejected') throw new Error(row.rejection.message);
      count([, , row.record.text.description]);
    }
  },
  'csv-parse': async (count) => {
    const { parse } = require('csv-parse');
    const parser = createReadStream(path, { highWaterMark: 2 ** 20 }).pipe(parse({ bom: true, from: 2 }));
    for await (const cells of parser) count(cells);
  },
  'duckdb columns': (count) =>
    duckdb((chunk) => {
      const columns = chunk.getColumns();
      for (let row = 0; row < chunk.rowCount; row++) count(columns, row);
    }),
  'duckdb rows': (count) =>
    duckdb((chunk) => {
      for (const cells of chunk.getRows()) count(cells);
    }),
};

async function duckdb(take) {
  const { DuckDBInstance } = require('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const result = await connection.stream(`SELECT * FROM read_parquet('${path}')`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    take(chunk);
  }
}

async function main() {
  let rows = 0;
  let characters = 0;
  const start = process.hrtime.bigint();
  await READERS[reader]((cells, row) => {
    rows++;
    const description = row === undefined ? cells[2] : cells[2][row];
    characters += description.length;
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const peakMB = process.resourceUsage().maxRSS / 1024;
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ rows, characters, seconds, peakMB, cpuSeconds: (user + system) / 1e6 }));
}

void main();
