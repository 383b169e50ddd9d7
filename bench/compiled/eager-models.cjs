// The models with attention, which tfjs-layers does not have, as eager operations of tfjs; the initial values of every side.
const { initialValue } = require('./formula.cjs');

module.exports = (tf) => {
  const parameter = (name, shape) => tf.variable(tf.tensor(initialValue(name, shape), shape), true, name);
  const drop = (x, { dropout }) => (dropout > 0 ? tf.dropout(x, dropout) : x);
  const maskOf = (ids_BL) => ids_BL.notEqual(0).toFloat();

  function dense(name, fanIn, fanOut) {
    const weight = parameter(`${name}/weight`, [fanIn, fanOut]);
    const bias = parameter(`${name}/bias`, [fanOut]);
    return (x) => x.matMul(weight).add(bias);
  }

  function layerNorm(name, dim, epsilon) {
    const [scale, offset] = [parameter(`${name}/scale`, [dim]), parameter(`${name}/offset`, [dim])];
    return (x) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).mul(variance.add(epsilon).rsqrt()).mul(scale).add(offset);
    };
  }

  function maskedMean(token_BLD, mask_BL) {
    const mask_BL1 = mask_BL.expandDims(2);
    return token_BLD.mul(mask_BL1).sum(1).div(mask_BL1.sum(1).maximum(1));
  }

  /** @param attentionDropout whether some of the attention is dropped too, as in BERT */
  function attention(name, sizes, attentionDropout) {
    const { dim, heads } = sizes;
    const parts = ['query', 'key', 'value', 'output'];
    const [query, key, value, output] = parts.map((part) => dense(`${name}/${part}`, dim, dim));
    return (token_ND, mask_BL) => {
      const [B, L] = mask_BL.shape;
      const split = (x) => x.reshape([B, L, heads, dim / heads]).transpose([0, 2, 1, 3]);
      const bias = mask_BL.sub(1).mul(1e9).reshape([B, 1, 1, L]);
      const score = split(query(token_ND))
        .matMul(split(key(token_ND)), false, true)
        .mul(1 / Math.sqrt(dim / heads));
      let share = score.add(bias).softmax();
      if (attentionDropout) share = drop(share, sizes);
      const mixed = share.matMul(split(value(token_ND)));
      return output(mixed.transpose([0, 2, 1, 3]).reshape([B * L, dim]));
    };
  }

  function layerParts(name, sizes, epsilon, attentionDropout) {
    const { dim, feedForward } = sizes;
    return {
      norm1: layerNorm(`${name}/norm1`, dim, epsilon),
      norm2: layerNorm(`${name}/norm2`, dim, epsilon),
      attend: attention(name, sizes, attentionDropout),
      dense1: dense(`${name}/dense1`, dim, feedForward),
      dense2: dense(`${name}/dense2`, feedForward, dim),
    };
  }

  function preNormLayer(name, sizes) {
    const { norm1, norm2, attend, dense1, dense2 } = layerParts(name, sizes, 1e-6, false);
    return (token_ND, mask_BL) => {
      const middle = token_ND.add(drop(attend(norm1(token_ND), mask_BL), sizes));
      return middle.add(drop(dense2(dense1(norm2(middle)).relu()), sizes));
    };
  }

  const gelu = (x) => x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));

  function bertLayer(name, sizes) {
    const { norm1, norm2, attend, dense1, dense2 } = layerParts(name, sizes, 1e-12, true);
    return (token_ND, mask_BL) => {
      const middle = norm1(token_ND.add(drop(attend(token_ND, mask_BL), sizes)));
      return norm2(middle.add(drop(dense2(gelu(dense1(middle))), sizes)));
    };
  }

  /** Convolution, batch norm with moving averages, ReLU, max pool. */
  function convBlock(name, fanIn, fanOut) {
    const filter = parameter(`${name}/kernel`, [3, 3, fanIn, fanOut]);
    const [scale, offset] = ['scale', 'offset'].map((part) => parameter(`${name}/norm/${part}`, [fanOut]));
    const moving = [0, 1].map((value) => tf.variable(tf.fill([fanOut], value), false));
    return (image_BHWC) => {
      const x = tf.conv2d(image_BHWC, filter, 1, 'same');
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      [mean, variance].forEach((now, i) => moving[i].assign(moving[i].mul(0.99).add(now.mul(0.01))));
      return tf.maxPool(tf.batchNorm(x, mean, variance, offset, scale, 1e-3).relu(), 2, 2, 'valid');
    };
  }

  function xf(sizes) {
    const { dim, length } = sizes;
    const word = parameter('text/table', [sizes.vocabulary, dim]);
    const position = parameter('text/position', [length, dim]);
    const layers = Array.from({ length: sizes.layers }, (_, i) => preNormLayer(`text/layer${i}`, sizes));
    const blocks = sizes.channels.map((channels, i) =>
      convBlock(`image/conv${i}`, i === 0 ? 3 : sizes.channels[i - 1], channels),
    );
    const hidden = dense('hidden', dim + sizes.channels.at(-1), sizes.hidden);
    const head = dense('head', sizes.hidden, sizes.labels);
    return ({ ids: ids_BL, image: image_BHWC }) => {
      const [B, L] = ids_BL.shape;
      const mask_BL = maskOf(ids_BL);
      let token = word
        .gather(ids_BL)
        .add(position)
        .reshape([B * L, dim]);
      for (const layer of layers) token = layer(token, mask_BL);
      const map = blocks.reduce((x, block) => block(x), image_BHWC);
      const joined = tf.concat([maskedMean(token.reshape([B, L, dim]), mask_BL), map.mean([1, 2])], 1);
      return head(drop(hidden(joined).relu(), sizes));
    };
  }

  function minilm(sizes) {
    const { dim } = sizes;
    const word = parameter('text/table', [sizes.vocabulary, dim]);
    const position = parameter('text/position', [sizes.positions, dim]);
    const type = parameter('text/type', [sizes.tokenTypes, dim]);
    const norm = layerNorm('text/norm', dim, 1e-12);
    const layers = Array.from({ length: sizes.layers }, (_, i) => bertLayer(`text/layer${i}`, sizes));
    const head = dense('head', dim, sizes.labels);
    return ({ ids: ids_BL }) => {
      const [B, L] = ids_BL.shape;
      const mask_BL = maskOf(ids_BL);
      const places = word
        .gather(ids_BL)
        .add(type.gather(tf.zerosLike(ids_BL)))
        .add(position.slice([0, 0], [L, dim]));
      let token = drop(norm(places.reshape([B * L, dim])), sizes);
      for (const layer of layers) token = layer(token, mask_BL);
      return head(maskedMean(token.reshape([B, L, dim]), mask_BL));
    };
  }

  return { xf, minilm };
};
