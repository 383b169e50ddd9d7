// Saves values 1, 2, 3, … of a parameter until it is killed.
require('../../../testing/register-sources.cjs');
const { compile } = require('./compile.js');
const { BIG } = require('./small-models.fixture.js');

async function main(dir) {
  const program = compile(BIG, { optimizer: { kind: 'sgd' } });
  for (let value = 1; ; value++) {
    program.assignVariables({ w: new Float32Array(3_000_000).fill(value) });
    await program.save(dir);
    process.stdout.write(`${value}\n`);
  }
}

void main(process.argv[2]);
