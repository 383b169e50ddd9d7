// Usage: node bench/feeding/run.mjs [--rounds 3] [--steps 40] [--only mean:64]
// Where batches are prepared and where the session runs, each arrangement in a process of its own, turn by turn; writes
// bench/results/feeding-<cpu|gpu>.json.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.mjs';
import { writeResult } from '../write-result.mjs';
import { engine, ROOT } from '../compiled/sides.mjs';
import { median } from '../compiled/summary.mjs';

const CASES = ['mean:64', 'xf:64', 'mlp:64'];
const STEPS_TIMES = { mlp: 20 }; // its steps are short
const ARRANGEMENTS = [
  { loader: 'inline', session: 'here' },
  { loader: 'shared', session: 'here' },
  { loader: 'copied', session: 'here' },
  { loader: 'inline', session: 'thread' },
  { loader: 'shared', session: 'thread' },
];
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '40' },
    only: { type: 'string' },
  },
});
const cases = options.only?.split(',') ?? CASES;
const runs = [];
for (let round = 0; round < Number(options.rounds); round++)
  for (const name of cases)
    for (let i = 0; i < ARRANGEMENTS.length; i++)
      runs.push(measure(name, ARRANGEMENTS[(i + round) % ARRANGEMENTS.length]));

const result = Object.fromEntries(
  cases.map((name) => [name, ARRANGEMENTS.map((each) => summarise(name, each))]),
);
for (const [name, rows] of Object.entries(result)) {
  console.log(`\n${name}\n`);
  console.table(rows);
}
if (options.only === undefined) {
  const path = join(ROOT, 'bench/results', `feeding-${engine.variant}.json`);
  const what =
    'milliseconds from batch to batch; waitingShare is that of the session, loopDelay that of the main thread';
  const all = {
    what,
    rounds: Number(options.rounds),
    cases: result,
    machine: describeMachine(engine.variant),
  };
  writeResult(path, all);
}

function measure(name, { loader, session }) {
  const [model, batch] = name.split(':');
  const steps = String(Number(options.steps) * (STEPS_TIMES[model] ?? 1));
  const args = Object.entries({ model, batch, steps, warmup: '5' }).flatMap(([key, value]) => [
    `--${key}`,
    value,
  ]);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'bench/feeding/arrangement.cjs'), ...args],
    { encoding: 'utf8', env: { ...process.env, LOADER: loader, SESSION: session } },
  );
  if (status !== 0) throw new Error(`${name}, loader ${loader}, session ${session}: ${stderr}`);
  const run = JSON.parse(stdout.trim().split('\n').at(-1));
  console.error(`${name}, loader ${loader}, session ${session}: ${run.millisecondsPerStep} ms`);
  return { name, ...run };
}

/** Medians over the rounds, and the smallest time. */
function summarise(name, { loader, session }) {
  const own = runs.filter((run) => run.name === name && run.loader === loader && run.session === session);
  const of = (key) => median(own.map((run) => run[key]));
  return {
    loader,
    session,
    medianMs: of('millisecondsPerStep'),
    minimumMs: Math.min(...own.map((run) => run.millisecondsPerStep)),
    cpuMs: of('cpuMillisecondsPerStep'),
    waitingShare: of('waitingShare'),
    loopDelayP99Ms: of('loopDelayP99Ms'),
    loopDelayMaxMs: of('loopDelayMaxMs'),
  };
}
