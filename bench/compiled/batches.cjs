// The batches of every side, made by formula; batches.py makes the same.
const { startOf, uniform } = require('./formula.cjs');

const NUM_BATCHES = 4;

/** Rows differ in length; what is after it is padding, which is 0. */
function makeIds(start, B, { length, vocabulary }) {
  const data = new Int32Array(B * length);
  for (let b = 0; b < B; b++)
    for (let l = 0; l < 1 + ((7 * b + 5) % length); l++) {
      const i = b * length + l;
      data[i] = 1 + Math.floor(uniform(start + i) * (vocabulary - 1));
    }
  return { dtype: 'int32', shape: [B, length], data };
}

function makeFloats(start, shape, map = (u) => u) {
  const length = shape.reduce((product, dim) => product * dim, 1);
  return {
    dtype: 'float32',
    shape,
    data: Float32Array.from({ length }, (_, i) => map(uniform(start + i))),
  };
}

/** Batch number `index` of a model in models.json: { name: { dtype, shape, data } }. */
function makeBatch(model, B, index) {
  const start = (name) => startOf(`batch${index}/${name}`);
  const { imageSize, features, labels } = model;
  return {
    ...(model.vocabulary === undefined ? {} : { ids: makeIds(start('ids'), B, model) }),
    ...(imageSize === undefined ? {} : { image: makeFloats(start('image'), [B, imageSize, imageSize, 3]) }),
    ...(features === undefined ? {} : { vector: makeFloats(start('vector'), [B, features]) }),
    label: makeFloats(start('label'), [B, labels], (u) => (u < 0.2 ? 1 : 0)),
  };
}

const makeBatches = (model, B) =>
  Array.from({ length: NUM_BATCHES }, (_, index) => makeBatch(model, B, index));

module.exports = { makeBatches };
