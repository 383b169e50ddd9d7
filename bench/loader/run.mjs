// Usage: node bench/loader/run.mjs PREPARED [--rounds 3] [--epochs 2]
// Trains the pipeline configs/listings on its prepared data with batches made in the training thread and by threads, turn by
// turn, and says which share of its time the training thread waited for data; writes bench/results/loader-cpu.json.
// PREPARED is what `npx assay prepare configs/listings/pipeline.yaml` wrote.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../compiled/summary.mjs';
import { ROOT } from '../compiled/sides.mjs';
import { describeMachine } from '../machine.mjs';
import { buildLibrary } from '../build.mjs';
import { writeResult } from '../write-result.mjs';

buildLibrary('libs/training');

const require = createRequire(join(ROOT, 'libs/training/package.json'));
const { loadConfig } = require('@assay/config');
const { PreparedData } = require('@assay/data');
const { createModel } = require('@assay/models');
const { train } = require('@assay/training');

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, epochs: { type: 'string', default: '2' } },
});
const [dir] = positionals;
if (dir === undefined) throw new Error('name the folder of the prepared data');
const loaded = loadConfig(join(ROOT, 'configs/listings/pipeline.yaml'));
const { augment } = loaded.config.train;
const SIDES = {
  'no thread, images as they are': { threads: 0, augment: undefined },
  'no thread, images altered': { threads: 0, augment },
  'one thread, images as they are': { threads: 1, augment: undefined },
  'one thread, images altered': { threads: 1, augment },
};

const runs = Object.fromEntries(Object.keys(SIDES).map((name) => [name, []]));
const names = Object.keys(SIDES);
for (let round = 0; round < Number(options.rounds); round++)
  for (let i = 0; i < names.length; i++) {
    const name = names[(i + round) % names.length];
    runs[name].push(await measure(SIDES[name]));
    console.error(name, runs[name].at(-1));
  }
const result = names.map((name) => ({
  side: name,
  secondsAnEpoch: rounded(median(runs[name].map(({ seconds }) => seconds))),
  fastestSeconds: rounded(Math.min(...runs[name].map(({ seconds }) => seconds))),
  waitShare: rounded(median(runs[name].map(({ waitShare }) => waitShare))),
}));
console.table(result);
const path = join(ROOT, 'bench/results/loader-cpu.json');
const all = {
  what: 'seconds of an epoch of configs/listings, and the share of it in which the training thread waited for a batch',
  rounds: Number(options.rounds),
  epochs: Number(options.epochs),
  result,
  machine: describeMachine('cpu'),
};
writeResult(path, all);

async function measure({ threads, augment: altered }) {
  const data = await PreparedData.open(dir);
  const { preprocessor, labels } = data;
  const model = createModel({
    model: loaded.config.model,
    inputs: preprocessor.inputSpecs,
    vocabularySize: preprocessor.vocabularySize,
    categorySizes: preprocessor.categorySizes,
    labels: { kind: labels.kind, names: labels.names },
  });
  let loader;
  const openLoader = (split, { augment: asked, ...settings }) => {
    loader = data.openLoader(split, { ...settings, threads, ...(altered && { augment: asked }) });
    return loader;
  };
  const source = {
    numRows: (split) => data.numRows(split),
    batches: (...of) => data.batches(...of),
    openLoader,
  };
  const config = { ...loaded.config.train, maxEpochs: Number(options.epochs) };
  const started = performance.now();
  let epochs = 0;
  const run = train({ model, data: source, config, classCounts: [], seed: 1, progress: 'silent' });
  while ((await run.next()).done !== true) epochs++;
  const ms = performance.now() - started;
  return { seconds: ms / 1000 / epochs, waitShare: loader.waitedMs / ms };
}

function rounded(value) {
  return Math.round(value * 1000) / 1000;
}
