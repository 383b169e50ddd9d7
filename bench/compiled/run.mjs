// Usage: node bench/compiled/run.mjs [--rounds 3] [--steps 30] [--warmup 5] [--threads 2] [--only mean,xf:64] [--sides own,keras] [--out PATH]
// Measures a training step of each side in a process of its own, turn by turn; writes bench/results/compiled-<cpu|gpu>.json.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.mjs';
import { writeResult } from '../write-result.mjs';
import { engine, MODELS, ROOT, runSide, sidesOf } from './sides.mjs';
import { median, summarise, tableOf } from './summary.mjs';

const CASES = ['mean:64', 'mean:256', 'xf:64', 'xf:256', 'minilm:32', 'mlp:64'];
const STEPS_TIMES = { mlp: 10 }; // its steps are short
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '30' },
    warmup: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    sides: { type: 'string' },
    out: { type: 'string' },
  },
});
const { steps, warmup, threads } = options;
const rounds = Number(options.rounds);
const sides = sidesOf(options.sides);
const cases = (options.only?.split(',') ?? CASES).flatMap(casesOf);
const isWhole = options.only === undefined && options.sides === undefined;
// A part of the cases or sides must not take the place of all.
const path =
  options.out ?? (isWhole ? join(ROOT, 'bench/results', `compiled-${engine.variant}.json`) : undefined);

// What torch.compile has compiled stays for the later rounds; the first one shows what it costs.
const compiled = mkdtempSync(join(tmpdir(), 'assay-torch-'));
try {
  for (let round = 0; round < rounds; round++) {
    for (const each of cases) await measureCase(each, round);
    if (path !== undefined) write(resultAfter(round + 1));
  }
} finally {
  rmSync(compiled, { recursive: true, force: true });
}
for (const { name, runs } of cases) console.log(tableOf(name, summarise(runs)));
console.error(
  path === undefined ? 'not written, since this is a part; give --out to write it' : `written: ${path}`,
);
if (cases.some(({ runs }) => runs.some(({ failed }) => failed !== undefined))) process.exitCode = 1;

/** `mean` stands for its usual batch sizes, `mean:8` for one. */
function casesOf(text) {
  const [model, batch] = text.split(':');
  if (MODELS[model] === undefined || (batch !== undefined && !(Number(batch) > 0)))
    throw new Error(
      `no such case: ${text}; expected MODEL or MODEL:BATCH with ${Object.keys(MODELS).join(', ')}`,
    );
  const names = batch === undefined ? CASES.filter((name) => name.startsWith(`${model}:`)) : [text];
  return names.map((name) => ({ name, model, batch: name.split(':')[1], runs: [] }));
}

/** Each round starts with another side, so that none always runs on the warmer machine. */
async function measureCase({ name, model, batch, runs }, round) {
  const first = round % sides.length;
  for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
    const args = { model, batch, steps: String(Number(steps) * (STEPS_TIMES[model] ?? 1)), warmup, threads };
    const run = await runSide(side, args, { TORCHINDUCTOR_CACHE_DIR: compiled });
    runs.push({ ...run, side, round });
    const { failed, millisecondsPerStep: ms } = run;
    const what =
      failed === undefined ? `${median(ms).toFixed(2)} ms` : `failed: ${failed.split('\n').at(-1)}`;
    console.error(`round ${round + 1}, ${name}, ${side}: ${what}`);
  }
}

function resultAfter(numRounds) {
  return {
    what: 'milliseconds of a training step, from a batch in memory to the loss on the host',
    ...{ rounds: numRounds, steps: Number(steps), warmup: Number(warmup), threads: Number(threads) },
    cases: Object.fromEntries(cases.map(({ name, runs }) => [name, summarise(runs)])),
    versions: Object.assign({}, ...cases.flatMap(({ runs }) => runs.map(({ versions }) => versions))),
    machine: describeMachine(engine.variant),
  };
}

/** After each round, so that a stopped run leaves what it has measured. */
function write(result) {
  writeResult(path, result);
}
