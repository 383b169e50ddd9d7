// Runs the tiny task from the TypeScript sources in a process of its own, so that a test can kill it.
require('../../testing/register-sources.cjs');
const { train } = require('./train.js');
const { tinyOptions } = require('./tiny-task.fixture.js');
const { writeSafetensors } = require('@assay/data');
const { packed } = require('./named-arrays.js');

async function main(path) {
  const run = train({ ...tinyOptions({ maxEpochs: 8 }), checkpointPath: `${path}.checkpoint` });
  let next = await run.next();
  for (; next.done !== true; next = await run.next());
  await writeSafetensors(path, packed(next.value.weights, ''));
}

void main(process.argv[2]);
