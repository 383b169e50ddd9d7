// Usage: node bench/compiled/check.mjs [--only mean,xf] [--sides own,keras,…]
// Whether all sides train the same model: without dropout, the losses of three steps must be equal to 1e-4.
import { parseArgs } from 'node:util';
import { MODELS, runSide, sidesOf } from './sides.mjs';

const TOLERANCE = 1e-4;
const NUM_STEPS = 3;
const ARGS = { batch: '8', steps: String(NUM_STEPS), warmup: '0', threads: '2', dropout: '0' };
const { values: options } = parseArgs({ options: { only: { type: 'string' }, sides: { type: 'string' } } });

let allEqual = true;
for (const model of options.only?.split(',') ?? Object.keys(MODELS)) {
  if (MODELS[model] === undefined)
    throw new Error(`no such model: ${model}; there are ${Object.keys(MODELS).join(', ')}`);
  allEqual = (await areEqual(model, sidesOf(options.sides))) && allEqual;
}
process.exitCode = allEqual ? 0 : 1;

/** Prints the losses of each side; the first side is the one that the others are compared with. */
async function areEqual(model, sides) {
  let first;
  let equal = true;
  for (const side of sides) {
    const { failed, losses } = await runSide(side, { model, ...ARGS });
    first ??= losses;
    const difference = failed ?? Math.max(...losses.map((loss, i) => Math.abs(loss - first[i])));
    equal &&= difference <= TOLERANCE;
    const shown =
      failed ?? `${losses.map((loss) => loss.toFixed(7)).join(' ')}  ${difference.toExponential(1)}`;
    console.log(`${model.padEnd(7)} ${side.padEnd(15)} ${shown}`);
  }
  return equal;
}
