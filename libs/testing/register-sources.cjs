// Lets a process that a test starts load TypeScript sources: `node -r` this file, with `-C @assay/source`.
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
