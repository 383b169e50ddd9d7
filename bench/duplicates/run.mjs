// Usage: node bench/duplicates/run.mjs [--rounds 3] [--texts 100000] [--large 1000000]
// Near-duplicate listings beside datasketch, turn by turn, then ours alone on a large set; writes
// bench/results/duplicates-cpu.json.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import '../build-libraries.mjs';
import { python, ROOT } from '../compiled/sides.mjs';
import { median } from '../compiled/summary.mjs';
import { describeMachine } from '../machine.mjs';
import { writeResult } from '../write-result.mjs';
import { makeListings } from './listings.mjs';

const THRESHOLD = 0.8;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    texts: { type: 'string', default: '100000' },
    large: { type: 'string', default: '1000000' },
  },
});
const here = join(ROOT, 'bench/duplicates');
const folder = mkdtempSync(join(tmpdir(), 'assay-duplicates-'));
const threads = String(cpus().length);

try {
  const small = measure(Number(options.texts), ['own', 'datasketch'], Number(options.rounds));
  const large = measure(Number(options.large), ['own'], 1);
  const result = {
    what: 'seconds from texts in memory to verified pairs; recall and precision at an exact Jaccard similarity of 0.8',
    threads: Number(threads),
    rounds: Number(options.rounds),
    cases: { [options.texts]: small, [options.large]: large },
    machine: describeMachine('cpu'),
  };
  const path = join(ROOT, 'bench/results/duplicates-cpu.json');
  writeResult(path, result);
} finally {
  rmSync(folder, { recursive: true });
}

function measure(numTexts, sides, rounds) {
  const { texts, planted } = makeListings(numTexts);
  const path = join(folder, `${numTexts}.txt`);
  writeFileSync(path, `${texts.join('\n')}\n`);
  const runs = [];
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < sides.length; i++) runs.push(runSide(sides[(i + round) % sides.length], path));
  const summary = sides.map((side) => {
    const own = runs.filter((run) => run.side === side);
    const { pairs } = own.at(-1);
    return {
      side,
      medianSeconds: median(own.map(({ seconds }) => seconds)),
      minimumSeconds: Math.min(...own.map(({ seconds }) => seconds)),
      peakMb: Math.round(Math.max(...own.map(({ peakMb }) => peakMb))),
      ...quality(texts, planted, pairs),
    };
  });
  console.log(`\n${numTexts} texts, ${planted.length} planted copies\n`);
  console.table(summary);
  return summary;
}

function runSide(side, path) {
  const out = join(folder, 'pairs.json');
  const [command, ...args] =
    side === 'own'
      ? [process.execPath, join(here, 'own.cjs'), path, threads, out]
      : [python.references, join(here, 'datasketch_peer.py'), path, out];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${side} failed: ${stderr}`);
  const run = { side, ...JSON.parse(stdout), pairs: JSON.parse(readFileSync(out, 'utf8')) };
  console.error(`${side}: ${run.seconds.toFixed(1)} s, ${run.pairs.length} pairs`);
  return run;
}

/** Recall over the planted pairs that are similar enough, and precision over the pairs that were found. */
function quality(texts, planted, pairs) {
  const key = ([a, b]) => a * texts.length + b;
  const found = new Set(pairs.map(key));
  const wanted = planted.filter(([a, b]) => jaccard(texts[a], texts[b]) >= THRESHOLD);
  const right = pairs.filter(([a, b]) => jaccard(texts[a], texts[b]) >= THRESHOLD);
  return {
    pairs: pairs.length,
    recall: wanted.filter((pair) => found.has(key(pair))).length / wanted.length,
    precision: right.length / pairs.length,
  };
}

function jaccard(a, b) {
  const [x, y] = [shingles(a), shingles(b)];
  let common = 0;
  for (const shingle of y) if (x.has(shingle)) common++;
  return common / (x.size + y.size - common);
}

function shingles(text) {
  return new Set(Array.from({ length: Math.max(1, text.length - 4) }, (_, i) => text.slice(i, i + 5)));
}
