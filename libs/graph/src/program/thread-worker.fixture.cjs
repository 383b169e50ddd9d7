// A program in a worker thread: steps on the batches that it gets and answers with their losses.
require('../../../testing/register-sources.cjs');
const { parentPort } = require('node:worker_threads');
const { compile } = require('./compile.js');
const { PERCEPTRON } = require('./small-models.fixture.js');

const program = compile(PERCEPTRON, { optimizer: { kind: 'adamw' }, seed: 3 });
let step = 0;
parentPort.on('message', (batch) => {
  if (batch === undefined) return parentPort.close();
  parentPort.postMessage(program.step(batch, { learningRate: 0.1, step: ++step }).loss);
});
parentPort.postMessage('ready');
