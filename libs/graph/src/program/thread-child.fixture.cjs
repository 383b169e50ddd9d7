// Trains the same model here and in a worker thread, both on batches in shared memory, and prints the losses of both.
require('../../../testing/register-sources.cjs');
const { once } = require('node:events');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');
const { compile } = require('./compile.js');
const { PERCEPTRON, perceptronBatch } = require('./small-models.fixture.js');

function shared(feed) {
  const data = new Float32Array(new SharedArrayBuffer(feed.data.byteLength));
  data.set(feed.data);
  return { ...feed, data };
}

async function main() {
  const worker = new Worker(join(__dirname, 'thread-worker.fixture.cjs'));
  await once(worker, 'message'); // the addon keeps a list of names without a lock: one thread compiles at a time
  const program = compile(PERCEPTRON, { optimizer: { kind: 'adamw' }, seed: 3 });
  const losses = { here: [], thread: [] };
  for (let step = 1; step <= 30; step++) {
    const { x, y } = perceptronBatch(32, 1);
    const batch = { x: shared(x), y: shared(y) };
    worker.postMessage(batch);
    const answer = once(worker, 'message'); // steps on both threads may overlap
    losses.here.push(program.step(batch, { learningRate: 0.1, step }).loss);
    losses.thread.push((await answer)[0]);
  }
  worker.postMessage(undefined);
  const [code] = await once(worker, 'exit');
  console.log(JSON.stringify({ ...losses, code }));
}

void main();
