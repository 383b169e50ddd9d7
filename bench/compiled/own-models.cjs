// The models of models.json as definitions for `compile`. Parameters have the names of the other sides.
module.exports = (tf, ops) => {
  const weights = (name, fanIn, fanOut) => ({
    [`${name}/weight`]: [fanIn, fanOut],
    [`${name}/bias`]: [fanOut],
  });
  const normWeights = (name, dim) => ({ [`${name}/scale`]: [dim], [`${name}/offset`]: [dim] });

  const dense = (values, name, x) => ops.dense(x, values[`${name}/weight`], values[`${name}/bias`]);
  const layerNorm = (values, name, x, epsilon) =>
    ops.layerNorm(x, values[`${name}/scale`], values[`${name}/offset`], epsilon);
  const maskOf = (ids_BL) => ids_BL.notEqual(0).toFloat();

  function layerWeights(name, { dim, feedForward }) {
    return Object.assign(
      {},
      ...['norm1', 'norm2'].map((norm) => normWeights(`${name}/${norm}`, dim)),
      ...['query', 'key', 'value', 'output'].map((part) => weights(`${name}/${part}`, dim, dim)),
      weights(`${name}/dense1`, dim, feedForward),
      weights(`${name}/dense2`, feedForward, dim),
    );
  }

  function attend(values, name, token_BLD, mask_BS, { heads }, dropout) {
    const [query_BTD, key_BSD, value_BSD] = ['query', 'key', 'value'].map((part) =>
      dense(values, `${name}/${part}`, token_BLD),
    );
    const mixed = ops.attention({ query_BTD, key_BSD, value_BSD, mask_BS, numHeads: heads, dropout });
    return dense(values, `${name}/output`, mixed);
  }

  function preNormLayer(values, name, token_BLD, mask_BL, sizes, context) {
    const drop = (x) => context.dropout(x, sizes.dropout);
    const normal = layerNorm(values, `${name}/norm1`, token_BLD, 1e-6);
    const middle = token_BLD.add(drop(attend(values, name, normal, mask_BL, sizes)));
    const inner = dense(values, `${name}/dense1`, layerNorm(values, `${name}/norm2`, middle, 1e-6)).relu();
    return middle.add(drop(dense(values, `${name}/dense2`, inner)));
  }

  function bertLayer(values, name, token_BLD, mask_BL, sizes, context) {
    const drop = (x) => context.dropout(x, sizes.dropout);
    const thinning =
      context.training && sizes.dropout > 0 ? { rate: sizes.dropout, seed_2: context.seed() } : undefined;
    const attended = attend(values, name, token_BLD, mask_BL, sizes, thinning);
    const middle = layerNorm(values, `${name}/norm1`, token_BLD.add(drop(attended)), 1e-12);
    const inner = ops.gelu(dense(values, `${name}/dense1`, middle), 'erf');
    const outer = drop(dense(values, `${name}/dense2`, inner));
    return layerNorm(values, `${name}/norm2`, middle.add(outer), 1e-12);
  }

  /** A layer as it is, or, with `sizes.recompute`, computed again in the backward pass. */
  function applied(layer, values, name, token_BLD, mask_BL, sizes, context) {
    if (!sizes.recompute) return layer(values, name, token_BLD, mask_BL, sizes, context);
    const own = Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith(`${name}/`)));
    return context.recompute([token_BLD, mask_BL], own, ([x, mask], weights) =>
      layer(weights, name, x, mask, sizes, context),
    );
  }

  /** Convolution, batch norm, ReLU, max pool. */
  function convBlock(values, name, image_BHWC, context) {
    const x = tf.conv2d(image_BHWC, values[`${name}/kernel`], 1, 'same');
    const parameters = { scale_C: values[`${name}/norm/scale`], offset_C: values[`${name}/norm/offset`] };
    const [mean, variance] = [values[`${name}/norm/mean`], values[`${name}/norm/variance`]];
    return tf.maxPool(normalise(x, parameters, { mean, variance }, name, context).relu(), 2, 2, 'valid');
  }

  function normalise(x, parameters, { mean, variance }, name, context) {
    if (!context.training)
      return ops.batchNormInference(x, { ...parameters, mean_C: mean, variance_C: variance });
    const { normalized, mean_C, variance_C } = ops.batchNorm(x, parameters);
    context.update(`${name}/norm/mean`, mean.mul(0.99).add(mean_C.mul(0.01)));
    context.update(`${name}/norm/variance`, variance.mul(0.99).add(variance_C.mul(0.01)));
    return normalized;
  }

  const shapes = (all) =>
    Object.fromEntries(Object.entries(all).map(([name, shape]) => [name, { shape, init: 'zeros' }]));

  function definition(sizes, { parameters, state = {}, inputs, logits }) {
    return {
      parameters: shapes(parameters),
      state: shapes(state),
      inputs,
      targets: { label: { dtype: 'float32', shape: ['B', sizes.labels] } },
      loss: (values, { label, ...batch }, context) => ({
        loss: ops.sigmoidCrossEntropy(logits(values, batch, context), label),
      }),
    };
  }

  function multimodal(sizes) {
    const { dim, length, channels, imageSize } = sizes;
    const layers = Array.from({ length: sizes.layers }, (_, i) => `text/layer${i}`);
    const blocks = channels.map((_, i) => `image/conv${i}`);
    return definition(sizes, {
      parameters: Object.assign(
        { 'text/table': [sizes.vocabulary, dim] },
        layers.length > 0 ? { 'text/position': [length, dim] } : {},
        ...layers.map((name) => layerWeights(name, sizes)),
        ...blocks.map((name, i) => ({
          [`${name}/kernel`]: [3, 3, i === 0 ? 3 : channels[i - 1], channels[i]],
          ...normWeights(`${name}/norm`, channels[i]),
        })),
        weights('hidden', dim + channels.at(-1), sizes.hidden),
        weights('head', sizes.hidden, sizes.labels),
      ),
      state: Object.assign(
        {},
        ...blocks.map((name, i) => ({
          [`${name}/norm/mean`]: [channels[i]],
          [`${name}/norm/variance`]: [channels[i]],
        })),
      ),
      inputs: {
        ids: { dtype: 'int32', shape: ['B', length] },
        image: { dtype: 'float32', shape: ['B', imageSize, imageSize, 3] },
      },
      logits: (values, { ids, image }, context) => {
        const text = textOf(values, ids, layers, sizes, context);
        const map = blocks.reduce((x, name) => convBlock(values, name, x, context), image);
        const hidden = dense(values, 'hidden', tf.concat([text, map.mean([1, 2])], 1)).relu();
        return dense(values, 'head', context.dropout(hidden, sizes.dropout));
      },
    });
  }

  /** Mean over the tokens of a text, after the layers if there are any. */
  function textOf(values, ids_BL, layers, sizes, context) {
    const mask_BL = maskOf(ids_BL);
    if (layers.length === 0) return ops.embeddingBag(values['text/table'], ids_BL, mask_BL, 'mean');
    let token = ops.embeddingLookup(values['text/table'], ids_BL).add(values['text/position']);
    for (const name of layers) token = applied(preNormLayer, values, name, token, mask_BL, sizes, context);
    return ops.maskedMean(token, mask_BL);
  }

  function minilm(sizes) {
    const { dim, length } = sizes;
    const layers = Array.from({ length: sizes.layers }, (_, i) => `text/layer${i}`);
    return definition(sizes, {
      parameters: Object.assign(
        {
          'text/table': [sizes.vocabulary, dim],
          'text/position': [sizes.positions, dim],
          'text/type': [sizes.tokenTypes, dim],
        },
        normWeights('text/norm', dim),
        ...layers.map((name) => layerWeights(name, sizes)),
        weights('head', dim, sizes.labels),
      ),
      inputs: { ids: { dtype: 'int32', shape: ['B', length] } },
      logits: (values, { ids }, context) => {
        const mask_BL = maskOf(ids);
        // All tokens are of type 0.
        const places = values['text/position']
          .slice([0, 0], [length, dim])
          .add(values['text/type'].slice([0, 0], [1, dim]));
        const token = ops.embeddingLookup(values['text/table'], ids).add(places);
        const normal = context.dropout(layerNorm(values, 'text/norm', token, 1e-12), sizes.dropout);
        const last = layers.reduce(
          (x, name) => applied(bertLayer, values, name, x, mask_BL, sizes, context),
          normal,
        );
        return dense(values, 'head', ops.maskedMean(last, mask_BL));
      },
    });
  }

  function mlp(sizes) {
    const units = [sizes.features, ...sizes.hidden];
    const names = sizes.hidden.map((_, i) => `dense${i}`);
    return definition(sizes, {
      parameters: Object.assign(
        {},
        ...names.map((name, i) => weights(name, units[i], units[i + 1])),
        weights('head', units.at(-1), sizes.labels),
      ),
      inputs: { vector: { dtype: 'float32', shape: ['B', sizes.features] } },
      logits: (values, { vector }) =>
        dense(
          values,
          'head',
          names.reduce((x, name) => dense(values, name, x).relu(), vector),
        ),
    });
  }

  return { mean: multimodal, xf: multimodal, minilm, mlp };
};
