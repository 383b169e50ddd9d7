// Usage: node bench/engine/run.mjs [ROUNDS]. Measures single operations as assay's engine runs them and as Python runs
// them on the same TensorFlow, turn by turn, and writes bench/results/engine.json.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import '../build-libraries.mjs';
import { describeMachine } from '../machine.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const rounds = Number(process.argv[2] ?? 50);
const { python, engine } = JSON.parse(readFileSync(join(root, '.assay', 'setup.json'), 'utf8'));
if (!python.references)
  throw new Error('the Python references are missing; run: npm run setup -- --with references');

/** A process that answers each line with one line. */
async function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: root });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const name = (await lines.next()).value;
  return {
    name,
    measure: async (what) => {
      child.stdin.write(`${what}\n`);
      return Number((await lines.next()).value);
    },
    end: () => child.stdin.end(),
  };
}

const sides = {
  assay: await start(process.execPath, [join(here, 'own.cjs')]),
  python: await start(python.references, [join(here, 'peer.py')]),
};
const cases = {};
for (const what of ['matmul', 'conv2d', 'add']) {
  const ms = { assay: [], python: [] };
  for (let i = -5; i < rounds; i++) {
    for (const side of i % 2 === 0 ? ['assay', 'python'] : ['python', 'assay']) {
      const taken = await sides[side].measure(what);
      if (i >= 0) ms[side].push(taken);
    }
  }
  cases[what] = Object.fromEntries(Object.entries(ms).map(([side, values]) => [side, summary(values)]));
}
for (const side of Object.values(sides)) side.end();
const result = {
  what: 'milliseconds of one operation and of reading one number of its result',
  cases,
  rounds,
  sides: { assay: sides.assay.name, python: sides.python.name },
  machine: describeMachine(engine.variant),
};
writeFileSync(join(root, 'bench/results/engine.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result, null, 2));

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const round = (x) => Math.round(x * 1000) / 1000;
  return { medianMs: round(sorted[Math.floor(sorted.length / 2)]), minimumMs: round(sorted[0]) };
}
