// Side of bench/compiled: a compiled program of @assay/graph. PRECISION=bfloat16 and XLA=1 choose what is off by default.
const { measure, readOptions } = require('./measure.cjs');

const options = readOptions();
const { describeEngine, tf } = require('@assay/tensorflow');
const graph = require('@assay/graph');
const { initialValue } = require('./formula.cjs');
const models = require('./own-models.cjs')(tf, graph);

const LEARNING_RATE = 1e-3;

const model = models[options.model](options.sizes);
const initial = Object.fromEntries([
  ...Object.entries(model.parameters).map(([name, { shape }]) => [name, initialValue(name, shape)]),
  ...Object.entries(model.state).map(([name, { shape }]) => [
    name,
    new Float32Array(shape[0]).fill(name.endsWith('/variance') ? 1 : 0),
  ]),
]);
const drawn = performance.now();
const program = graph.compile(model, {
  optimizer: { kind: 'adamw', weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  initial,
  seed: 1,
  precision: process.env.PRECISION,
  xla: process.env.XLA === '1',
});
const compileSeconds = (performance.now() - drawn) / 1000;
const { tensorflowVersion, tfjsVersion, deviceKind } = describeEngine();
const side = {
  side: 'own',
  device: deviceKind,
  parameters: program.describe().parameters.values,
  compileSeconds,
  versions: { tensorflow: tensorflowVersion, tfjs: tfjsVersion, node: process.versions.node },
};
let step = 0;
void measure(
  options,
  side,
  (batch) => program.step(batch, { learningRate: LEARNING_RATE, step: ++step }).loss,
);
