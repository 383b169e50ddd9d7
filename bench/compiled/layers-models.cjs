// The models as a user of tfjs-layers writes them, with the initial values of every side.
const { initialValue } = require('./formula.cjs');

module.exports = (tf) => {
  const { layers } = tf;

  class MaskedMean extends layers.Layer {
    static get className() {
      return 'MaskedMean';
    }
    computeOutputShape([tokenShape]) {
      return [tokenShape[0], tokenShape[2]];
    }
    call([token_BLD, ids_BL]) {
      return tf.tidy(() => {
        const mask_BL1 = ids_BL.notEqual(0).toFloat().expandDims(2);
        return token_BLD.mul(mask_BL1).sum(1).div(mask_BL1.sum(1).maximum(1));
      });
    }
  }

  /** Applies a layer, then gives its first weights the values that belong to `names`. */
  function named(layer, input, names) {
    const output = layer.apply(input);
    tf.tidy(() => {
      const weights = layer.getWeights().map((weight, i) => {
        if (names[i] === undefined) return weight;
        return tf.tensor(initialValue(names[i], weight.shape), weight.shape);
      });
      layer.setWeights(weights);
    });
    return output;
  }

  const dense = (name, units, input, activation = 'linear') =>
    named(layers.dense({ units, activation }), input, [`${name}/weight`, `${name}/bias`]);

  function convBlock(name, filters, input) {
    const conv = layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false });
    const norm = layers.batchNormalization({ momentum: 0.99, epsilon: 1e-3 });
    const map = named(conv, input, [`${name}/kernel`]);
    const normal = named(norm, map, [`${name}/norm/scale`, `${name}/norm/offset`]);
    return layers.maxPooling2d({ poolSize: 2 }).apply(layers.reLU().apply(normal));
  }

  function mean(sizes) {
    const ids = tf.input({ shape: [sizes.length], dtype: 'int32' });
    const image = tf.input({ shape: [sizes.imageSize, sizes.imageSize, 3] });
    const embedding = layers.embedding({ inputDim: sizes.vocabulary, outputDim: sizes.dim });
    const text = new MaskedMean().apply([named(embedding, ids, ['text/table']), ids]);
    const map = sizes.channels.reduce((x, filters, i) => convBlock(`image/conv${i}`, filters, x), image);
    const joined = layers.concatenate().apply([text, layers.globalAveragePooling2d({}).apply(map)]);
    const hidden = dense('hidden', sizes.hidden, joined, 'relu');
    const kept = layers.dropout({ rate: sizes.dropout }).apply(hidden);
    return tf.model({ inputs: [ids, image], outputs: dense('head', sizes.labels, kept) });
  }

  function mlp(sizes) {
    const vector = tf.input({ shape: [sizes.features] });
    const hidden = sizes.hidden.reduce((x, units, i) => dense(`dense${i}`, units, x, 'relu'), vector);
    return tf.model({ inputs: vector, outputs: dense('head', sizes.labels, hidden) });
  }

  return { mean, mlp };
};
