// Side of bench/compiled: tfjs without a compiler, on the same engine. `mean` and `mlp` by `trainOnBatch` of tfjs-layers;
// `xf` and `minilm`, whose attention tfjs-layers does not have, by eager operations and `minimize`.
const { measure, readOptions } = require('./measure.cjs');

const options = readOptions();
const { describeEngine, tf } = require('@assay/tensorflow');
const layersModels = require('./layers-models.cjs')(tf);
const eagerModels = require('./eager-models.cjs')(tf);

const LEARNING_RATE = 1e-3;
const DECAY = 0.01;
const BETA_2 = 0.999;
const EPSILON = 1e-7;

/** Adam of tfjs, after taking away a part of each matrix, with epsilon joining before the bias correction as in TensorFlow. */
class AdamW extends tf.AdamOptimizer {
  numSteps = 0;

  applyGradients(gradients) {
    this.numSteps++;
    this.epsilon = EPSILON / Math.sqrt(1 - BETA_2 ** this.numSteps);
    const names = Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
    tf.tidy(() => {
      for (const name of names) {
        const variable = tf.engine().registeredVariables[name];
        if (variable.rank >= 2) variable.assign(variable.mul(1 - LEARNING_RATE * DECAY));
      }
    });
    super.applyGradients(gradients);
  }
}

const toTensors = (batch) =>
  Object.fromEntries(
    Object.entries(batch).map(([name, { data, shape, dtype }]) => [name, tf.tensor(data, shape, dtype)]),
  );

function layersStep(model, optimizer) {
  model.compile({ optimizer, loss: (label, logit) => tf.losses.sigmoidCrossEntropy(label, logit) });
  return async (batch) => {
    const { label, ...inputs } = toTensors(batch);
    const values = Object.values(inputs);
    const loss = await model.trainOnBatch(values.length > 1 ? values : values[0], label);
    tf.dispose([label, inputs]);
    return loss;
  };
}

function eagerStep(forward, optimizer) {
  return (batch) =>
    tf.tidy(() => {
      const { label, ...inputs } = toTensors(batch);
      const loss = optimizer.minimize(() => tf.losses.sigmoidCrossEntropy(label, forward(inputs)), true);
      return loss.dataSync()[0];
    });
}

const isLayers = options.model in layersModels;
const model = (isLayers ? layersModels : eagerModels)[options.model](options.sizes);
const variables = Object.values(tf.engine().registeredVariables).filter(({ trainable }) => trainable);
const optimizer = new AdamW(LEARNING_RATE, 0.9, BETA_2, EPSILON); // it has variables of its own
const { tensorflowVersion, tfjsVersion, deviceKind } = describeEngine();
const side = {
  side: 'layers',
  device: deviceKind,
  parameters: variables.reduce((sum, { size }) => sum + size, 0),
  versions: { tensorflow: tensorflowVersion, tfjs: tfjsVersion, node: process.versions.node },
};
void measure(options, side, (isLayers ? layersStep : eagerStep)(model, optimizer));
