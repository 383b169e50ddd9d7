// Usage: node side.cjs --side own --files FILE --threads 2 --passes 3
// Prints images a second, by threads that take the images in turn; FILE lists their paths as JSON.
const { readFileSync } = require('node:fs');
const { parseArgs } = require('node:util');
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');

const WARM_IMAGES = 300;

if (isMainThread) void main();
else void work(workerData);

async function main() {
  const { values } = parseArgs({
    options: {
      side: { type: 'string' },
      files: { type: 'string' },
      threads: { type: 'string' },
      passes: { type: 'string' },
    },
  });
  const next = new Int32Array(new SharedArrayBuffer(8));
  const data = { ...values, next };
  const workers = Array.from(
    { length: Number(values.threads) },
    () => new Worker(__filename, { workerData: data }),
  );
  const everyWorker = (message) =>
    Promise.all(
      workers.map(
        (worker) =>
          new Promise((resolve, reject) => {
            worker.once('message', resolve).once('error', reject);
            if (message !== undefined) worker.postMessage(message);
          }),
      ),
    );
  await everyWorker(); // ready: files read and warm
  const times = [];
  let cpu = 0;
  for (let pass = 0; pass < Number(values.passes); pass++) {
    Atomics.store(next, 0, 0);
    const before = process.cpuUsage();
    const started = performance.now();
    await everyWorker('run');
    times.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    cpu += (user + system) / 1000;
  }
  const numImages = JSON.parse(readFileSync(values.files, 'utf8')).length;
  console.log(
    JSON.stringify({
      imagesPerSecond: times.map((ms) => (1000 * numImages) / ms),
      cpuMsPerImage: cpu / numImages / times.length,
      peakMemoryMB: process.resourceUsage().maxRSS / 1024,
    }),
  );
  for (const worker of workers) worker.postMessage('end');
}

async function work({ side, files, next }) {
  const prepare = require('./pipelines.cjs')[side];
  const encoded = JSON.parse(readFileSync(files, 'utf8')).map((path) => readFileSync(path));
  const run = async () => {
    for (let i = Atomics.add(next, 0, 1); i < encoded.length; i = Atomics.add(next, 0, 1))
      await prepare(encoded[i]);
  };
  for (let i = 0; i < WARM_IMAGES; i++) await prepare(encoded[i % encoded.length]); // until everything is compiled
  parentPort.on('message', async (message) => {
    if (message === 'end') return parentPort.close();
    await run();
    parentPort.postMessage('done');
  });
  parentPort.postMessage('ready');
}
