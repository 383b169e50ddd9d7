// Runs the tiny task from the TypeScript sources in a process of its own, so that a test can kill it.
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, resolve } = require('node:path');
const swc = require('@swc/core');

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const source = resolve(dirname(parent?.filename ?? __filename), request.replace(/\.js$/, '.ts'));
  const isSource = /^\.\.?\/.*\.js$/.test(request) && existsSync(source);
  return isSource ? source : resolveFilename.call(this, request, parent, ...rest);
};
Module._extensions['.ts'] = (module, filename) => {
  const options = {
    filename,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
    swcrc: false,
  };
  module._compile(swc.transformSync(readFileSync(filename, 'utf8'), options).code, filename);
};

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
