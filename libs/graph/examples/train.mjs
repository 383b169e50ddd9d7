// Tells whether the first of three numbers is above the second. Usage: node libs/graph/examples/train.mjs [folder]
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, dense, sigmoidCrossEntropy } from '@assay/graph';
import { tf } from '@assay/tensorflow';

const dir = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'train-'));
const logits = (values, x_BF) => dense(x_BF, values.weight_FK, values.bias_K);

const model = {
  parameters: {
    weight_FK: { shape: [3, 1], init: 'glorotUniform' },
    bias_K: { shape: [1], init: 'zeros' },
  },
  inputs: { x_BF: { dtype: 'float32', shape: ['B', 3] } },
  targets: { label_BK: { dtype: 'float32', shape: ['B', 1] } },
  loss: (values, { x_BF, label_BK }) => ({ loss: sigmoidCrossEntropy(logits(values, x_BF), label_BK) }),
  predict: (values, { x_BF }) => ({ score_BK: tf.sigmoid(logits(values, x_BF)) }),
};

function batch(size) {
  const x = Float32Array.from({ length: size * 3 }, () => Math.random());
  const label = Float32Array.from({ length: size }, (_, i) => Number(x[3 * i] > x[3 * i + 1]));
  return {
    x_BF: { dtype: 'float32', shape: [size, 3], data: x },
    label_BK: { dtype: 'float32', shape: [size, 1], data: label },
  };
}

const program = compile(model, { optimizer: { kind: 'adamw' }, seed: 7 });
for (let step = 1; step <= 200; step++) program.step(batch(64), { learningRate: 0.1, step });
console.log('loss', program.evaluate(batch(500)).loss);
const x_BF = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0.9, 0.1, 0, 0.1, 0.9, 0) };
console.log('scores', program.predict({ x_BF }).score_BK.data);
await program.save(join(dir, 'checkpoint'));
await program.exportSavedModel(join(dir, 'saved_model'));
program.dispose();
