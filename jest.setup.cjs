// Console output fails a test: what a library has to say goes through its return value, an error or the logger.
const METHODS = ['log', 'info', 'warn', 'error', 'debug'];
let calls = [];
const original = {};

beforeEach(() => {
  calls = [];
  for (const method of METHODS) {
    original[method] = console[method];
    console[method] = (...args) => calls.push(`console.${method}: ${args.map(String).join(' ')}`);
  }
});

afterEach(() => {
  for (const method of METHODS) console[method] = original[method];
  if (calls.length > 0) throw new Error(`the test wrote to the console:\n${calls.join('\n')}`);
});
