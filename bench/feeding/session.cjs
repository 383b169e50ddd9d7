// The session in a worker thread: takes batches, answers with the loss and the time that the step took.
const { parentPort, workerData } = require('node:worker_threads');
const { createProgram } = require('../compiled/own-program.cjs');

const { step } = createProgram(workerData.options);
parentPort.on('message', (batch) => {
  const started = performance.now();
  const loss = step(batch);
  parentPort.postMessage({ loss, busy: performance.now() - started });
});
parentPort.postMessage('ready');
