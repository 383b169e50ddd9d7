import { tf } from '@assay/tensorflow';
import { dense, embeddingLookup, maskedMean, type Feed, type InputSignature } from './index.js';

/** L=4 tokens of a V=11, D=3 table; I=2 images of H=6, W=8, C=3; F=5 numbers; K=2 classes. */
export const TINY_INPUTS = {
  token_BL: { dtype: 'int32', shape: ['B', 4] },
  mask_BL: { dtype: 'float32', shape: [null, 4] },
  image_BIHWC: { dtype: 'int32', shape: ['B', 2, 6, 8, 3] },
  numeric_BF: { dtype: 'float32', shape: ['B', 5] },
} as const satisfies Record<string, InputSignature>;

const SHAPES = {
  'text/table_VD': [11, 3],
  'image/kernel_HWCC': [3, 3, 3, 4],
  'image/bias_C': [4],
  'numeric/weight_FF': [5, 6],
  'numeric/bias_F': [6],
  'head/weight_FF': [13, 2],
  'head/bias_F': [2],
} as const;

/** Numbers in [−1, 1) from a small linear congruential generator. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Seeded parameters; caller disposes. */
export function tinyParameters(): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape], i) => [
      name,
      tf.tensor(
        numbers(
          shape.reduce((size, length) => size * length, 1),
          i + 1,
        ),
        [...shape],
      ),
    ]),
  );
}

/** Seeded feeds for `batchSize` rows; the last row has no token. */
export function tinyFeeds(batchSize: number): Record<keyof typeof TINY_INPUTS, Feed> {
  const text = numbers(batchSize * 4, 21);
  const mask = Float32Array.from(text, (value, i) => (value > -0.5 && i < (batchSize - 1) * 4 ? 1 : 0));
  return {
    token_BL: {
      dtype: 'int32',
      shape: [batchSize, 4],
      data: Int32Array.from(text, (value) => Math.floor((value + 1) * 5.5)),
    },
    mask_BL: { dtype: 'float32', shape: [batchSize, 4], data: mask },
    image_BIHWC: {
      dtype: 'uint8',
      shape: [batchSize, 2, 6, 8, 3],
      data: Uint8Array.from(numbers(batchSize * 288, 22), (value) => (value + 1) * 128),
    },
    numeric_BF: { dtype: 'float32', shape: [batchSize, 5], data: numbers(batchSize * 5, 23) },
  };
}

/** A model of text, images and numbers, with every op that the models of assay use. */
export function tinyForward(parameters: Record<string, tf.Tensor>, inputs: Record<string, tf.Tensor>) {
  const at = <T extends tf.Tensor>(tensors: Record<string, tf.Tensor>, name: string): T => tensors[name] as T;
  return tf.tidy(() => {
    const token_BLD = embeddingLookup(at(parameters, 'text/table_VD'), at(inputs, 'token_BL'));
    const text_BD = maskedMean(token_BLD, at(inputs, 'mask_BL'));
    const [, numImages, ...image] = at<tf.Tensor5D>(inputs, 'image_BIHWC').shape;
    const image_NHWC = at<tf.Tensor5D>(inputs, 'image_BIHWC')
      .toFloat()
      .mul(1 / 255)
      .reshape<tf.Tensor4D>([-1, ...image]);
    const conv_NHWC = tf.conv2d(image_NHWC, at<tf.Tensor4D>(parameters, 'image/kernel_HWCC'), 1, 'same');
    const map_NHWC = tf.maxPool(
      conv_NHWC.add<tf.Tensor4D>(at(parameters, 'image/bias_C')).relu<tf.Tensor4D>(),
      2,
      2,
      'same',
    );
    const pooled_BIC = map_NHWC.mean<tf.Tensor2D>([1, 2]).reshape<tf.Tensor3D>([-1, numImages, 4]);
    const image_BC = pooled_BIC.max<tf.Tensor2D>(1);
    const numeric_BF = dense(
      at(inputs, 'numeric_BF'),
      at(parameters, 'numeric/weight_FF'),
      at(parameters, 'numeric/bias_F'),
    ).relu();
    const embedding_BF = tf.concat([text_BD, image_BC, numeric_BF as tf.Tensor2D], 1);
    return {
      logit_BK: dense(embedding_BF, at(parameters, 'head/weight_FF'), at(parameters, 'head/bias_F')),
      embedding_BF,
    };
  });
}

/** What the eager model gives for the feeds. */
export function eagerOutputs(parameters: Record<string, tf.Tensor>, feeds: Record<string, Feed>) {
  return tf.tidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, shape, data }]) => [
        name,
        tf.tensor(data, [...shape], dtype === 'float32' ? 'float32' : 'int32'),
      ]),
    );
    const { logit_BK, embedding_BF } = tinyForward(parameters, inputs);
    return {
      logit_BK: Float32Array.from(logit_BK.dataSync()),
      embedding_BF: Float32Array.from(embedding_BF.dataSync()),
    };
  });
}
