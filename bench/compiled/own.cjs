// Side of bench/compiled: a compiled program of @assay/graph. Its options: own-program.cjs.
const { measure, readOptions } = require('./measure.cjs');

const options = readOptions();
// After the options, which set what the engine reads when it is loaded.
const { createProgram, describeEngine, versions } = require('./own-program.cjs');

const { program, step, compileSeconds } = createProgram(options);
const side = {
  side: 'own',
  device: describeEngine().deviceKind,
  parameters: program.describe().parameters.values,
  compileSeconds,
  versions: versions(),
};
void measure(options, side, step);
