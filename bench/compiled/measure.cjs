// What every side in Node shares: the command line, the clock and the line that it prints.
const models = require('./models.json');
const { makeBatches } = require('./batches.cjs');

const DEFAULTS = { model: 'mean', batch: '64', steps: '30', warmup: '5', threads: '2', dropout: '' };
const NUM_LOSSES = 5;

/**
 * `--model mean --batch 64 --steps 30 --warmup 5 --threads 2 [--dropout 0]`; to be called before the engine is loaded.
 *
 * @returns { model, batch, steps, warmup, threads, sizes }, where `sizes` is the model's entry in models.json, with the
 * dropout of the command line if it has one
 */
function readOptions(argv = process.argv.slice(2)) {
  const texts = { ...DEFAULTS };
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '');
    if (!(name in texts) || argv[i + 1] === undefined) throw new Error(`unknown or unfinished: ${argv[i]}`);
    texts[name] = argv[i + 1];
  }
  const { model, dropout, ...numbers } = texts;
  if (models[model] === undefined)
    throw new Error(`no such model: ${model}; there are ${Object.keys(models).join(', ')}`);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  process.env.TF_NUM_INTRAOP_THREADS = process.env.TF_NUM_INTEROP_THREADS = numbers.threads;
  return {
    model,
    ...Object.fromEntries(Object.entries(numbers).map(([name, text]) => [name, Number(text)])),
    sizes: { ...models[model], ...(dropout === '' ? {} : { dropout: Number(dropout) }) },
  };
}

/**
 * Times single steps and prints the measurement as one line of JSON.
 *
 * @param side { side, device, parameters, versions, compileSeconds? }; what compiling took before belongs to the first step
 * @param step takes { name: { dtype, shape, data } } and gives the loss as a number, or a promise of it
 */
async function measure(options, side, step) {
  const { model, batch, threads, warmup, steps, sizes } = options;
  const batches = makeBatches(sizes, batch);
  const losses = [];
  const ms = [];
  let before = process.cpuUsage();
  for (let i = 0; i < warmup + steps; i++) {
    if (i === warmup) before = process.cpuUsage();
    const start = performance.now();
    losses.push(await step(batches[i % batches.length]));
    ms.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  const result = {
    ...{ side: side.side, device: side.device, model, batch, threads, parameters: side.parameters },
    millisecondsPerStep: ms.slice(warmup).map(rounded),
    firstStepSeconds: rounded((side.compileSeconds ?? 0) + ms[0] / 1000),
    cpuMillisecondsPerStep: rounded((user + system) / 1000 / steps),
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    ...{ losses: losses.slice(0, NUM_LOSSES), lastLoss: losses.at(-1), versions: side.versions },
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

const rounded = (x) => Math.round(x * 1000) / 1000;

module.exports = { measure, readOptions };
