// Runs steps of a program and prints the resident memory in MB after a warm-up and at the end.
require('../../../testing/register-sources.cjs');
const { compile } = require('./compile.js');
const { tableBatch, tableModel } = require('./small-models.fixture.js');
const { tf } = require('@assay/tensorflow');

const program = compile(tableModel(true), {
  optimizer: { kind: 'adamw' },
  clipNorm: 1,
  averageDecay: 0.9,
  accumulate: true,
});
const batches = [1, 2, 3, 4].map((seed) => tableBatch(200 + seed, 200, seed)); // 160 kB each

function run(from, to) {
  for (let step = from; step <= to; step++) {
    const schedule = { learningRate: 0.01, step };
    if (step % 2) program.step(batches[step % 4], schedule);
    else program.stepAccumulated([batches[step % 4], batches[0]], schedule);
    program.evaluate(batches[step % 4]);
  }
  global.gc();
  return { megabytes: process.memoryUsage.rss() / 2 ** 20, tensors: tf.memory().numTensors };
}

console.log(JSON.stringify([run(1, 300), run(301, 1300)]));
