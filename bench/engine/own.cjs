// One case a line on stdin, milliseconds of one run on stdout: the engine as assay loads it.
const { createInterface } = require('node:readline');
const { tf, describeEngine } = require('@assay/tensorflow');

const normal = (shape) => tf.randomNormal(shape, 0, 1, 'float32', 1);
const matrix_NN = normal([1024, 1024]);
const image_BHWC = normal([16, 64, 64, 32]);
const filter_HWCF = normal([3, 3, 32, 32]);
const first = (tensor) =>
  tensor.slice(
    tensor.shape.map(() => 0),
    tensor.shape.map(() => 1),
  );
const CASES = {
  matmul: () => first(tf.matMul(matrix_NN, matrix_NN)),
  conv2d: () => first(tf.conv2d(image_BHWC, filter_HWCF, 1, 'same')),
  add: () => first(tf.add(filter_HWCF, filter_HWCF)),
};
const { tensorflowVersion, tfjsVersion } = describeEngine();
console.log(
  `TensorFlow ${tensorflowVersion} through tfjs-node ${tfjsVersion}, Node ${process.versions.node}`,
);
createInterface({ input: process.stdin }).on('line', (line) => {
  const start = performance.now();
  tf.tidy(() => CASES[line.trim()]().dataSync());
  console.log(performance.now() - start);
});
