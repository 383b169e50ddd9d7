import type { ModelConfig } from '@assay/config';
import { dense } from '@assay/graph';
import { tf } from '@assay/tensorflow';
import { denseParameters, parameterOf, type ParameterSpecs, type ParameterTensors } from '../parameter.js';
import { inputOf, inputSpecOf, type Encoder, type EncoderFacts } from './encoder.js';

const KERNEL_SIZE = 3;
/** Keeps the variance of a plain image away from zero. */
const NORM_EPSILON = 1e-3;

/**
 * A small convolutional network over every image of a record: stride-2 blocks with instance normalisation, then the
 * average and the maximum over the image, a dense layer, then the maximum and the mean over the images that the mask
 * keeps. It has no batch statistics, so the graph for serving is the graph for training.
 */
export function smallConv({ channels }: NonNullable<ModelConfig['image']>, facts: EncoderFacts): Encoder {
  const inputChannels = inputSpecOf(facts, 'image_BIHWC').shape.at(-1) ?? 3;
  const outputChannels = channels.at(-1) ?? 0;
  const parameters: ParameterSpecs = denseParameters('image/dense', 2 * outputChannels, outputChannels);
  for (const [block, filters] of channels.entries()) {
    const shape = [KERNEL_SIZE, KERNEL_SIZE, channels[block - 1] ?? inputChannels, filters];
    parameters[`image/conv${block}/kernel_HWCC`] = { shape, init: 'heNormal' };
    parameters[`image/conv${block}/scale_C`] = { shape: [filters], init: 'ones' };
    parameters[`image/conv${block}/bias_C`] = { shape: [filters], init: 'zeros' };
  }
  return {
    modality: 'image',
    inputs: ['image_BIHWC', 'imageMask_BI'],
    parameters,
    featureDim: 2 * outputChannels,
    forward: (values, inputs) =>
      tf.tidy(() => {
        const image_BIHWC = inputOf<tf.Tensor5D>(inputs, 'image_BIHWC');
        const [, numImages, height, width, imageChannels] = image_BIHWC.shape;
        const image_NHWC = image_BIHWC.reshape<tf.Tensor4D>([-1, height, width, imageChannels]); // N = B·I
        const feature_NF = imageFeatures(values, channels.length, image_NHWC);
        const feature_BIF = feature_NF.reshape<tf.Tensor3D>([-1, numImages, outputChannels]);
        return poolImages(feature_BIF, inputOf(inputs, 'imageMask_BI'));
      }),
  };
}

/** @param image_NHWC int32 in [0, 255] */
function imageFeatures(
  parameters: ParameterTensors,
  numBlocks: number,
  image_NHWC: tf.Tensor4D,
): tf.Tensor2D {
  let map_NHWC: tf.Tensor4D = image_NHWC
    .toFloat()
    .mul(2 / 255)
    .sub(1);
  for (let block = 0; block < numBlocks; block++) {
    const kernel_HWCC = parameterOf<tf.Tensor4D>(parameters, `image/conv${block}/kernel_HWCC`);
    const scale_C = parameterOf<tf.Tensor1D>(parameters, `image/conv${block}/scale_C`);
    const bias_C = parameterOf<tf.Tensor1D>(parameters, `image/conv${block}/bias_C`);
    const normal_NHWC = instanceNorm(tf.conv2d(map_NHWC, kernel_HWCC, 2, 'same'));
    map_NHWC = normal_NHWC.mul(scale_C).add<tf.Tensor4D>(bias_C).relu();
  }
  const pooled_NF = tf.concat([map_NHWC.mean<tf.Tensor2D>([1, 2]), map_NHWC.max<tf.Tensor2D>([1, 2])], 1);
  return dense(
    pooled_NF,
    parameterOf(parameters, 'image/dense/weight_FF'),
    parameterOf(parameters, 'image/dense/bias_F'),
  ).relu();
}

/**
 * Every channel of every image with mean 0 and variance 1 over its pixels: background and light drop out, and a few
 * hundred steps suffice to learn shapes.
 *
 * @see Ulyanov et al. 2016, "Instance normalization"
 */
function instanceNorm(map_NHWC: tf.Tensor4D): tf.Tensor4D {
  const centred_NHWC = map_NHWC.sub<tf.Tensor4D>(map_NHWC.mean([1, 2], true));
  const variance_N11C = centred_NHWC.square().mean([1, 2], true);
  return centred_NHWC.mul(variance_N11C.add(NORM_EPSILON).rsqrt());
}

/**
 * Maximum and mean over the images that the mask keeps.
 *
 * @param feature_BIF ≥ 0, so that a masked 0 never wins over a kept feature
 * @param imageMask_BI 1 keeps an image
 * @returns [B, 2·F]; a record without images is all zeros
 */
export function poolImages(feature_BIF: tf.Tensor3D, imageMask_BI: tf.Tensor2D): tf.Tensor2D {
  const kept_BIF = feature_BIF.mul<tf.Tensor3D>(imageMask_BI.expandDims(2));
  const mean_BF = kept_BIF.sum<tf.Tensor2D>(1).div<tf.Tensor2D>(imageMask_BI.sum(1, true).maximum(1));
  return tf.concat([kept_BIF.max<tf.Tensor2D>(1), mean_BF], 1);
}
