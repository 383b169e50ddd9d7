#!/usr/bin/env node
// The command in `node_modules/.bin`. It is a file of the checkout, since npm links no command that is not there yet
// when packages are installed, and `dist` is built later.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'main.js');
if (existsSync(main)) {
  require(main);
} else {
  process.stderr.write(
    'error [USAGE]: the assay command is not built yet.\n  fix: run npm start (sets up, builds, runs the quickstart) or npm run build\n',
  );
  process.exitCode = 2;
}
