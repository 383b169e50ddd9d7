// A model of models.json as a compiled program of @assay/graph, with the initial weights of the other sides.
const { describeEngine, tf } = require('@assay/tensorflow');
const graph = require('@assay/graph');
const { initialValue } = require('./formula.cjs');
const models = require('./own-models.cjs')(tf, graph);

const LEARNING_RATE = 1e-3;

/**
 * PRECISION=bfloat16, XLA=1 and RECOMPUTE=1 (encoder layers) choose what is off by default.
 *
 * @returns { program, step, compileSeconds }, where step(batch) trains and gives the loss
 */
function createProgram({ model: name, sizes }) {
  const model = models[name]({ ...sizes, recompute: process.env.RECOMPUTE === '1' });
  const initial = Object.fromEntries([
    ...Object.entries(model.parameters).map(([key, { shape }]) => [key, initialValue(key, shape)]),
    ...Object.entries(model.state).map(([key, { shape }]) => [
      key,
      new Float32Array(shape[0]).fill(key.endsWith('/variance') ? 1 : 0),
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
  let number = 0;
  const step = (batch) => program.step(batch, { learningRate: LEARNING_RATE, step: ++number }).loss;
  return { program, step, compileSeconds };
}

function versions() {
  const { tensorflowVersion, tfjsVersion } = describeEngine();
  return { tensorflow: tensorflowVersion, tfjs: tfjsVersion, node: process.versions.node };
}

module.exports = { createProgram, describeEngine, versions };
