// One arrangement of bench/feeding in a process of its own: LOADER=inline|shared|copied and SESSION=here|thread say where
// batches are prepared and where the session runs. The command line is that of bench/compiled.
const { once } = require('node:events');
const { join } = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { Worker } = require('node:worker_threads');
const { makeBatches } = require('../compiled/batches.cjs');
const { readOptions } = require('../compiled/measure.cjs');
const { emptyLike, inlineLoader } = require('./loader.cjs');

const NUM_SLOTS = 3;
const options = readOptions();
const { LOADER, SESSION } = process.env;
const example = makeBatches(options.sizes, options.batch)[0];
const workers = [];

function startWorker(file, workerData) {
  const worker = new Worker(join(__dirname, file), { workerData });
  workers.push(worker);
  worker.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  return worker;
}

/** Batches prepared ahead by another thread, in shared slots or in memory that is copied. */
function threadLoader() {
  const slots =
    LOADER === 'shared' ? Array.from({ length: NUM_SLOTS }, () => emptyLike(example, true)) : undefined;
  const worker = startWorker('loader.cjs', { role: 'loader', example, slots });
  const ready = [];
  const slotOf = new Map();
  let wake;
  worker.on('message', ({ slot, batch }) => {
    const mine = slots?.[slot] ?? batch;
    slotOf.set(mine, slot);
    ready.push(mine);
    wake?.();
  });
  for (let slot = 0; slot < NUM_SLOTS; slot++) worker.postMessage(slot);
  return {
    next: async () => {
      while (ready.length === 0) await new Promise((resolve) => (wake = resolve));
      return ready.shift();
    },
    release: (batch) => {
      worker.postMessage(slotOf.get(batch));
      slotOf.delete(batch);
    },
  };
}

async function startSession() {
  if (SESSION === 'here') {
    const { createProgram } = require('../compiled/own-program.cjs');
    const { step } = createProgram(options);
    return async (batch) => {
      const started = performance.now();
      const loss = step(batch);
      return { loss, busy: performance.now() - started };
    };
  }
  const worker = startWorker('session.cjs', { options });
  await once(worker, 'message');
  return async (batch) => {
    worker.postMessage(batch);
    return (await once(worker, 'message'))[0];
  };
}

async function main() {
  const step = await startSession();
  const loader = LOADER === 'inline' ? inlineLoader(example) : threadLoader();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const { warmup, steps } = options;
  let [started, busy, loss] = [0, 0, NaN];
  let cpu = process.cpuUsage();
  let pending = loader.next();
  for (let i = 0; i < warmup + steps; i++) {
    if (i === warmup) {
      delay.enable();
      cpu = process.cpuUsage();
      [started, busy] = [performance.now(), 0];
    }
    const batch = await pending;
    const done = step(batch);
    pending = loader.next();
    const result = await done;
    busy += result.busy;
    loss = result.loss;
    loader.release(batch);
    await new Promise(setImmediate); // whatever else the main thread has to do
  }
  const total = performance.now() - started;
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const rounded = (x) => Math.round(x * 100) / 100;
  const result = {
    loader: LOADER,
    session: SESSION,
    millisecondsPerStep: rounded(total / steps),
    cpuMillisecondsPerStep: rounded((user + system) / 1000 / steps),
    waitingShare: rounded(1 - busy / total),
    loopDelayP99Ms: rounded(delay.percentile(99) / 1e6),
    loopDelayMaxMs: rounded(delay.max / 1e6),
    loss,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

void main();
