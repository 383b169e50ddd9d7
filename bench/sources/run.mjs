// Usage: node bench/sources/run.mjs [--rounds 5] [--rows 1000000]
// Rows out of CSV beside pandas and csv-parse, and out of Parquet beside DuckDB alone, each reading in a process of its
// own, turn by turn; writes bench/results/sources-cpu.json.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../compiled/summary.mjs';
import { python, ROOT } from '../compiled/sides.mjs';
import { describeMachine } from '../machine.mjs';
import { buildLibrary } from '../build.mjs';
import { writeResult } from '../write-result.mjs';
import { listingsCsv, listingsParquet, sha256 } from './listings.mjs';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, rows: { type: 'string', default: '1000000' } },
});
buildLibrary('libs/data');

if (python.references === undefined) throw new Error('run npm run setup -- --with references');

const csv = await listingsCsv(Number(options.rows));
const parquet = await listingsParquet(csv);
const node = (reader, path) => [process.execPath, join(ROOT, 'bench/sources/own.cjs'), reader, path];
const CASES = {
  csv: {
    own: node('own', csv),
    'own, records': node('own, records', csv),
    pandas: [python.references, join(ROOT, 'bench/sources/pandas_peer.py'), csv],
    'csv-parse': node('csv-parse', csv),
  },
  parquet: {
    own: node('own', parquet),
    'duckdb columns': node('duckdb columns', parquet),
    'duckdb rows': node('duckdb rows', parquet),
  },
};

const result = {};
for (const [name, sides] of Object.entries(CASES)) {
  const names = Object.keys(sides);
  const runs = Object.fromEntries(names.map((side) => [side, []]));
  for (let round = 0; round < Number(options.rounds); round++)
    for (let i = 0; i < names.length; i++) {
      const side = names[(i + round) % names.length];
      runs[side].push(measure(`${name}, ${side}`, sides[side]));
    }
  const found = names.flatMap((side) => runs[side].map(({ rows, characters }) => `${rows} ${characters}`));
  if (new Set(found).size !== 1) throw new Error(`the readers differ: ${[...new Set(found)].join(', ')}`);
  result[name] = names.map((side) => summarise(side, runs[side]));
  console.log(`\n${name}\n`);
  console.table(result[name]);
}
const path = join(ROOT, 'bench/results/sources-cpu.json');
const all = {
  what: 'seconds to read the file into rows of cells, in a fresh process after its start; peakMB is the resident memory of the process at its peak',
  rounds: Number(options.rounds),
  csv: {
    rows: Number(options.rows),
    megabytes: Math.round(statSync(csv).size / 1e6),
    sha256: await sha256(csv),
  },
  cases: result,
  machine: describeMachine('cpu'),
};
writeResult(path, all);

function measure(name, [command, ...args]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  const run = JSON.parse(stdout.trim().split('\n').at(-1));
  console.error(`${name}: ${run.seconds.toFixed(2)} s, ${Math.round(run.peakMB)} MB`);
  return run;
}

function summarise(reader, runs) {
  const seconds = runs.map((run) => run.seconds);
  return {
    reader,
    medianSeconds: rounded(median(seconds)),
    minimumSeconds: rounded(Math.min(...seconds)),
    cpuSeconds: rounded(median(runs.map((run) => run.cpuSeconds))),
    peakMB: Math.round(Math.max(...runs.map((run) => run.peakMB))),
  };
}

function rounded(value) {
  return Math.round(value * 1000) / 1000;
}
