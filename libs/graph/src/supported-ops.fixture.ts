import './index.js';
import { tf } from '@assay/tensorflow';
import { attention } from './ops/attention.js';
import { batchNorm, batchNormInference } from './ops/batch-norm.js';
import { biasAdd } from './ops/bias-add.js';
import { dense } from './ops/dense.js';
import { embeddingBag } from './ops/embedding-bag.js';
import { embeddingLookup } from './ops/embedding-lookup.js';
import { flipImages } from './ops/flip-images.js';
import { gelu } from './ops/gelu.js';
import { layerNorm } from './ops/layer-norm.js';
import { maskedMean } from './ops/masked-mean.js';
import { normalizeImages } from './ops/normalize-images.js';
import { resizeImages } from './ops/resize-images.js';
import { sigmoidCrossEntropy } from './ops/sigmoid-cross-entropy.js';
import { softLabelCrossEntropy } from './ops/soft-label-cross-entropy.js';
import { softmaxCrossEntropy } from './ops/softmax-cross-entropy.js';
import type { Batch } from './program/batch-feeds.js';
import type { ModelDefinition, StepContext, Tensors } from './program/model-definition.js';
import { numbers } from './tiny-model.fixture.js';

/** Computes something with an op from h [B, 24], in which every value depends on the parameters. */
export type UseOfOp = (h: tf.Tensor2D, parts: OpParts) => tf.Tensor;

export interface OpParts {
  context: StepContext;
  /** int32 [B, 4] in [0, 6). */
  id: tf.Tensor2D;
  /** float32 [B, 4], 0 or 1; a row may be all 0. */
  mask: tf.Tensor2D;
  /** [6, 4], trained. */
  table: tf.Tensor2D;
  /** [4], trained, near 1. */
  scale: tf.Tensor1D;
  /** [3, 3, 2, 3], trained. */
  kernel: tf.Tensor4D;
}

/** h as B images of 4 × 3 pixels with 2 channels. */
const image = (h: tf.Tensor2D): tf.Tensor4D => h.reshape([-1, 4, 3, 2]);
/** h as B sequences of 6 vectors with 4 values. */
const sequence = (h: tf.Tensor2D): tf.Tensor3D => h.reshape([-1, 6, 4]);
/** Values above 0.1, of which roots and logarithms are smooth. */
const positive = (h: tf.Tensor2D): tf.Tensor2D => h.square().add(0.1);
const half = (h: tf.Tensor2D, i: 0 | 1): tf.Tensor2D => h.slice([0, 12 * i], [-1, 12]);
const depthKernel = (kernel: tf.Tensor4D): tf.Tensor4D => kernel.slice([0, 0, 0, 0], [3, 3, 2, 1]);

/** What tfjs has, by group; every entry is a test and a line of the table in the documentation. */
export const TFJS_OPS: Readonly<Record<string, Readonly<Record<string, UseOfOp>>>> = {
  'elementwise, one argument': {
    abs: (h) => tf.abs(h),
    acos: (h) => tf.acos(h.tanh().mul(0.9)),
    acosh: (h) => tf.acosh(positive(h).add(1)),
    asin: (h) => tf.asin(h.tanh().mul(0.9)),
    asinh: (h) => tf.asinh(h),
    atan: (h) => tf.atan(h),
    atanh: (h) => tf.atanh(h.tanh().mul(0.9)),
    cast: (h) => tf.cast(tf.cast(h.mul(8), 'int32'), 'float32'),
    ceil: (h) => tf.ceil(h),
    clipByValue: (h) => tf.clipByValue(h, -0.4, 0.7),
    cos: (h) => tf.cos(h),
    cosh: (h) => tf.cosh(h),
    elu: (h) => tf.elu(h),
    erf: (h) => tf.erf(h),
    exp: (h) => tf.exp(h),
    expm1: (h) => tf.expm1(h),
    floor: (h) => tf.floor(h),
    isFinite: (h) => tf.where(tf.isFinite(h), h, tf.zerosLike(h)),
    isInf: (h) => tf.where(tf.isInf(h), tf.zerosLike(h), h),
    isNaN: (h) => tf.where(tf.isNaN(h), tf.zerosLike(h), h),
    leakyRelu: (h) => tf.leakyRelu(h, 0.2),
    log: (h) => tf.log(positive(h)),
    log1p: (h) => tf.log1p(positive(h)),
    logSigmoid: (h) => tf.logSigmoid(h.mul(2)),
    neg: (h) => tf.neg(h),
    prelu: (h, { scale }) => tf.prelu(sequence(h), scale.expandDims<tf.Tensor3D>(0).expandDims(0)),
    reciprocal: (h) => tf.reciprocal(positive(h)),
    relu: (h) => tf.relu(h),
    relu6: (h) => tf.relu6(h.mul(4)),
    round: (h) => tf.round(h.mul(3)),
    rsqrt: (h) => tf.rsqrt(positive(h)),
    selu: (h) => tf.selu(h),
    sigmoid: (h) => tf.sigmoid(h),
    sign: (h) => tf.sign(h),
    sin: (h) => tf.sin(h),
    sinh: (h) => tf.sinh(h),
    softplus: (h) => tf.softplus(h),
    sqrt: (h) => tf.sqrt(positive(h)),
    square: (h) => tf.square(h),
    step: (h) => tf.step(h, 0.1),
    tan: (h) => tf.tan(h.tanh()),
    tanh: (h) => tf.tanh(h),
  },
  'elementwise, several arguments': {
    add: (h, { scale }) => tf.add(sequence(h), scale),
    addN: (h) => tf.addN([h, h.mul(2), h.sin()]),
    atan2: (h) => tf.atan2(half(h, 0), positive(half(h, 1))),
    div: (h, { scale }) => tf.div(sequence(h), scale.square().add(0.1)),
    divNoNan: (h) => tf.divNoNan(half(h, 0), half(h, 1).relu().add(0.5)),
    equal: (h, { id }) => tf.where(tf.equal(id, 3), h.slice([0, 0], [-1, 4]), tf.zerosLike(id).toFloat()),
    floorDiv: (h) => tf.floorDiv(h.mul(9), tf.scalar(2)),
    greater: (h) => tf.where(tf.greater(half(h, 0), half(h, 1)), half(h, 0), half(h, 1).mul(0.5)),
    greaterEqual: (h) => tf.where(tf.greaterEqual(half(h, 0), 0.1), half(h, 0), half(h, 1)),
    less: (h) => tf.where(tf.less(half(h, 0), half(h, 1)), half(h, 0), half(h, 1)),
    lessEqual: (h) => tf.where(tf.lessEqual(half(h, 0), 0.1), half(h, 0), half(h, 1)),
    logicalAnd: (h) => tf.where(tf.logicalAnd(h.greater(0), h.less(0.5)), h, tf.zerosLike(h)),
    logicalNot: (h) => tf.where(tf.logicalNot(h.greater(0)), h, tf.zerosLike(h)),
    logicalOr: (h) => tf.where(tf.logicalOr(h.greater(0.5), h.less(-0.5)), h, tf.zerosLike(h)),
    logicalXor: (h) => tf.where(tf.logicalXor(h.greater(0), h.greater(0.5)), h, tf.zerosLike(h)),
    maximum: (h) => tf.maximum(half(h, 0), half(h, 1)),
    minimum: (h) => tf.minimum(half(h, 0), half(h, 1)),
    mod: (h) => tf.mod(h.mul(5), tf.scalar(3)),
    mul: (h, { scale }) => tf.mul(sequence(h), scale),
    notEqual: (h, { id }) =>
      tf.where(tf.notEqual(id, 3), h.slice([0, 0], [-1, 4]), tf.zerosLike(id).toFloat()),
    pow: (h) => tf.pow(positive(h), tf.scalar(1.5)),
    squaredDifference: (h) => tf.squaredDifference(half(h, 0), half(h, 1)),
    sub: (h, { scale }) => tf.sub(sequence(h), scale),
    where: (h, { mask }) => tf.where(mask.greater(0), h.slice([0, 0], [-1, 4]), h.slice([0, 4], [-1, 4])),
    'where of a mask per row and a vector': (h, { mask, scale }) =>
      tf.where(mask.slice([0, 0], [-1, 1]).greater(0), h.slice([0, 0], [-1, 4]), scale.expandDims(0)),
  },
  reductions: {
    all: (h) => tf.all(h.greater(-2), 1).toFloat().mul(h.mean(1)),
    any: (h) => tf.any(h.greater(1), 1).toFloat().mul(h.mean(1)),
    argMax: (h) => tf.argMax(h, 1).toFloat().mul(0.01).mul(h.mean(1)),
    argMin: (h) => tf.argMin(h, 1).toFloat().mul(0.01).mul(h.mean(1)),
    cumsum: (h) => tf.cumsum(sequence(h), 2, true),
    'cumsum along another axis': (h) => tf.cumsum(sequence(h), 1, false, true),
    logSumExp: (h) => tf.logSumExp(sequence(h), 1),
    max: (h) => tf.max(sequence(h), 1),
    mean: (h) => tf.mean(sequence(h), [0, 2]),
    min: (h) => tf.min(sequence(h), 1),
    moments: (h) => {
      const { mean, variance } = tf.moments(image(h), [1, 2]);
      return mean.add(variance);
    },
    norm: (h) => tf.norm(sequence(h), 2, 1),
    prod: (h) => tf.prod(h.slice([0, 0], [-1, 3]).add(1.5), 1),
    sum: (h) => tf.sum(sequence(h), [1, 2]).mul(0.1),
  },
  'shape and order': {
    batchToSpaceND: (h) =>
      tf.batchToSpaceND(
        tf.spaceToBatchND(
          image(h),
          [2, 1],
          [
            [0, 0],
            [0, 0],
          ],
        ),
        [2, 1],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    broadcastTo: (h) => tf.broadcastTo(h.expandDims(1), [h.shape[0], 3, 24]),
    'broadcastTo over the batch': (h, { scale }) =>
      tf.broadcastTo(scale, [h.shape[0], 4]).mul(h.slice([0, 0], [-1, 4])),
    concat: (h) => tf.concat([half(h, 0), h, half(h, 1)], 1),
    'depthToSpace (no gradient in tfjs)': (h, { mask }) =>
      tf
        .depthToSpace(mask.reshape<tf.Tensor4D>([-1, 1, 1, 4]), 2)
        .mul(h.slice([0, 0], [-1, 4]).reshape([-1, 2, 2, 1])),
    expandDims: (h) => tf.expandDims(h, 1),
    flatten: (h) => h.flatten(),
    'gather with constant ids': (h) => tf.gather(sequence(h), [2, 0, 2], 2),
    mirrorPad: (h) =>
      tf.mirrorPad(
        sequence(h),
        [
          [0, 0],
          [2, 1],
          [0, 2],
        ],
        'reflect',
      ),
    'mirrorPad, symmetric': (h) =>
      tf.mirrorPad(
        image(h),
        [
          [0, 0],
          [1, 2],
          [0, 1],
          [0, 0],
        ],
        'symmetric',
      ),
    oneHot: (h, { id, table }) =>
      tf
        .oneHot(id.slice([0, 0], [-1, 1]).reshape<tf.Tensor1D>([-1]), 6)
        .toFloat()
        .matMul(table)
        .add(h.mean()),
    pad: (h) =>
      tf.pad(
        sequence(h),
        [
          [0, 0],
          [2, 1],
          [0, 3],
        ],
        0.5,
      ),
    reshape: (h) => tf.reshape(h, [-1, 2, 12]),
    reverse: (h) => tf.reverse(sequence(h), 1).mul(tf.range(0, 6).expandDims(1)),
    slice: (h) => tf.slice(sequence(h), [0, 1, 2], [-1, 3, 2]),
    split: (h) => tf.split(h, [4, 12, 8], 1)[1] as tf.Tensor,
    squeeze: (h) => tf.squeeze(h.expandDims(2), [2]),
    stack: (h) => tf.stack([half(h, 0), half(h, 1).mul(2)], 1),
    'stridedSlice (no gradient in tfjs)': (h, { mask }) =>
      tf.stridedSlice(mask, [0, 1], [h.shape[0], 4], [1, 2]).mul(h.slice([0, 0], [-1, 2])),
    tile: (h) => tf.tile(h, [1, 2]).mul(tf.range(0, 48).div(48)),
    'tile over the batch': (h, { scale }) =>
      tf.tile(scale.expandDims(0), [h.shape[0], 2]).mul(h.slice([0, 0], [-1, 8])),
    'topk (no gradient in tfjs)': (h, { mask }) => tf.topk(mask, 2).values.mul(h.slice([0, 0], [-1, 2])),
    transpose: (h) => tf.transpose(sequence(h), [2, 0, 1]),
    unstack: (h) => tf.unstack(sequence(h), 1)[2] as tf.Tensor,
    zerosLike: (h) => tf.onesLike(h).sub(tf.zerosLike(h)).mul(h),
  },
  'products and convolutions': {
    avgPool: (h) => tf.avgPool(image(h), 2, 1, 'same'),
    conv1d: (h, { kernel }) =>
      tf.conv1d(
        h.reshape<tf.Tensor3D>([-1, 12, 2]),
        kernel.slice([0, 0, 0, 0], [3, 1, 2, 3]).reshape<tf.Tensor3D>([3, 2, 3]),
        1,
        'same',
      ),
    conv2d: (h, { kernel }) => tf.conv2d(image(h), kernel, 1, 'same'),
    'conv2d with strides': (h, { kernel }) => tf.conv2d(image(h), kernel, 2, 'same'),
    'conv2d without padding': (h, { kernel }) => tf.conv2d(image(h), kernel, 1, 'valid'),
    conv2dTranspose: (h, { kernel }) =>
      tf.conv2dTranspose(h.reshape<tf.Tensor4D>([-1, 4, 2, 3]), kernel, [h.shape[0], 8, 4, 2], 2, 'same'),
    depthwiseConv2d: (h, { kernel }) => tf.depthwiseConv2d(image(h), depthKernel(kernel), 1, 'same'),
    dot: (h, { scale }) => tf.dot(h.slice<tf.Tensor2D>([0, 0], [-1, 4]), scale),
    matMul: (h, { table }) => tf.matMul(h.slice([0, 0], [-1, 4]), table, false, true),
    'matMul of batches': (h) => tf.matMul(sequence(h), sequence(h), false, true).mul(0.3),
    maxPool: (h) => tf.maxPool(image(h), 2, 1, 'valid'),
    separableConv2d: (h, { kernel }) =>
      tf.separableConv2d(
        image(h),
        depthKernel(kernel),
        kernel.slice<tf.Tensor4D>([0, 0, 0, 0], [1, 1, 2, 3]),
        1,
        'same',
      ),
  },
  'normalisation, losses, images': {
    batchNorm: (h, { scale }) =>
      tf.batchNorm(sequence(h), tf.zeros([4]), tf.ones([4]), tf.zeros([4]), scale, 1e-3),
    localResponseNormalization: (h) => tf.localResponseNormalization(image(h), 2),
    logSoftmax: (h) => tf.logSoftmax(sequence(h)),
    resizeBilinear: (h) => tf.image.resizeBilinear(image(h), [6, 7]),
    resizeNearestNeighbor: (h) => tf.image.resizeNearestNeighbor(image(h), [6, 7]),
    'resizeBilinear between pixel centres': (h) => tf.image.resizeBilinear(image(h), [6, 7], false, true),
    'resizeNearestNeighbor between pixel centres': (h) =>
      tf.image.resizeNearestNeighbor(image(h), [6, 5], false, true),
    softmax: (h) => tf.softmax(sequence(h)),
    'losses.huberLoss': (h) => tf.losses.huberLoss(half(h, 0), half(h, 1)),
    'losses.meanSquaredError': (h) => tf.losses.meanSquaredError(half(h, 0), half(h, 1)),
    'losses.sigmoidCrossEntropy': (h, { mask }) =>
      tf.losses.sigmoidCrossEntropy(mask, h.slice([0, 0], [-1, 4])),
    'losses.softmaxCrossEntropy': (h, { mask }) =>
      tf.losses.softmaxCrossEntropy(mask.add(0.1).div(mask.add(0.1).sum(1, true)), h.slice([0, 0], [-1, 4])),
  },
};

/** What this package adds. */
export const OWN_OPS: Readonly<Record<string, UseOfOp>> = {
  attention: (h, { mask }) => {
    const query_BTD = sequence(h);
    return attention({
      query_BTD,
      key_BSD: query_BTD.mul(0.5),
      value_BSD: query_BTD,
      numHeads: 2,
      mask_BS: longMask(mask),
    });
  },
  batchNorm: (h, { scale }) =>
    batchNorm(h.reshape<tf.Tensor2D>([-1, 4]), { scale_C: scale, offset_C: scale.mul(0.1) }).normalized,
  batchNormInference: (h, { scale }) =>
    batchNormInference(h.reshape<tf.Tensor4D>([-1, 3, 2, 4]), {
      ...{ scale_C: scale, offset_C: scale.mul(0.1) },
      ...{ mean_C: tf.zeros([4]), variance_C: tf.ones([4]) },
    }),
  biasAdd: (h, { scale }) => biasAdd(sequence(h), scale),
  dense: (h, { table, scale }) => dense(h.slice<tf.Tensor2D>([0, 0], [-1, 6]), table, scale),
  dropout: (h, { context }) => context.dropout(h, 0.3),
  embeddingBag: (h, { table, id, mask }) =>
    embeddingBag(table, id, mask, 'mean').add(h.slice([0, 0], [-1, 4])),
  embeddingLookup: (h, { table, id }) =>
    embeddingLookup(table, id).add(h.slice([0, 0], [-1, 4]).expandDims(1)),
  flipImages: (h, { mask }) =>
    flipImages(image(h), mask.slice([0, 0], [-1, 1]).reshape<tf.Tensor1D>([-1])).mul(
      tf.range(0, 3).expandDims(1),
    ),
  gaussianNoise: (h, { context }) => context.noise(h, 0.2),
  'gelu (erf)': (h) => gelu(h, 'erf'),
  'gelu (tanh)': (h) => gelu(h, 'tanh'),
  layerNorm: (h, { scale }) => layerNorm(sequence(h), scale, scale.mul(0.1)),
  maskedMean: (h, { mask }) => maskedMean(h.reshape<tf.Tensor3D>([-1, 4, 6]), mask),
  normalizeImages: (h, { id }) => normalizeImages(id, 3, 2).mul(h.slice([0, 0], [-1, 4])),
  resizeImages: (h) => resizeImages(image(h), [6, 7]),
  sigmoidCrossEntropy: (h, { mask }) =>
    sigmoidCrossEntropy(h.slice<tf.Tensor2D>([0, 0], [-1, 4]), mask, mask.add<tf.Tensor2D>(0.5)),
  softLabelCrossEntropy: (h, { mask }) => {
    const label = mask.add(0.1);
    return softLabelCrossEntropy(h.slice<tf.Tensor2D>([0, 0], [-1, 4]), label.div(label.sum(1, true)));
  },
  softmaxCrossEntropy: (h, { id }) =>
    softmaxCrossEntropy(
      h.slice<tf.Tensor2D>([0, 0], [-1, 6]),
      id.slice([0, 0], [-1, 1]).reshape<tf.Tensor1D>([-1]),
    ),
};

/** Its name for readers. */
export const nameOf = (uses: object, name: string): string => (uses === OWN_OPS ? name : `tf.${name}`);

/** Ops that jump and are level between. */
export const STEPWISE: ReadonlySet<string> = new Set([
  ...['tf.cast', 'tf.ceil', 'tf.floor', 'tf.floorDiv', 'tf.round', 'tf.sign', 'tf.step'],
]);

/** Ops whose gradient has none, and says so. */
export const FIRST_GRADIENT_ONLY: ReadonlySet<string> = new Set([
  ...['attention', 'batchNorm', 'batchNormInference', 'biasAdd', 'dense', 'dropout', 'flipImages'],
  ...['gelu (erf)', 'gelu (tanh)', 'layerNorm', 'maskedMean', 'resizeImages', 'sigmoidCrossEntropy'],
  ...['softLabelCrossEntropy', 'softmaxCrossEntropy', 'tf.avgPool', 'tf.depthwiseConv2d', 'tf.elu'],
  ...['tf.localResponseNormalization', 'tf.maxPool', 'tf.prod', 'tf.separableConv2d'],
]);

/** A mask for 6 keys from one for 4. */
const longMask = (mask: tf.Tensor2D): tf.Tensor2D => tf.concat([mask, mask.slice([0, 0], [-1, 2])], 1);

/** Parameters of the uses: a projection of the input, and one for each part that an op may take. */
export const PARAMETERS = {
  weight: { shape: [5, 24], init: 'glorotUniform' },
  table: { shape: [6, 4], init: { normal: 0.5 } },
  scale: { shape: [4], init: 'ones' },
  kernel: { shape: [3, 3, 2, 3], init: 'heNormal' },
} as const;

/** Inputs of the uses. @see batchOf */
export const INPUTS = {
  x: { dtype: 'float32', shape: ['B', 5] },
  id: { dtype: 'int32', shape: ['B', 4], below: 6 },
  mask: { dtype: 'float32', shape: ['B', 4] },
} as const;

/** A model around the use of an op: y [B, …] or a scalar is pulled towards 0.3. */
export const modelOf = (use: UseOfOp): ModelDefinition => ({
  parameters: PARAMETERS,
  inputs: INPUTS,
  loss: (values, batch, context) => {
    const h = tf.matMul<tf.Tensor2D>(batch.x!, values.weight!);
    const y = use(h, { context, ...(batch as Inputs), ...(values as Values) });
    // The second term reaches the weights even where the op has no slope.
    return { loss: y.sub(0.3).square().mean().add(h.square().mean().mul(0.1)) };
  },
});

type Inputs = Tensors & Pick<OpParts, 'id' | 'mask'>;
type Values = Tensors & Pick<OpParts, 'table' | 'scale' | 'kernel'>;

/** Rows for such a model; the last has a mask of zeros. */
export function batchOf(batchSize: number, seed: number): Batch {
  const mask = Float32Array.from(numbers(batchSize * 4, seed + 100), (value) => (value > -0.4 ? 1 : 0));
  mask.fill(0, (batchSize - 1) * 4);
  return {
    x: { dtype: 'float32', shape: [batchSize, 5], data: numbers(batchSize * 5, seed) },
    id: {
      dtype: 'int32',
      shape: [batchSize, 4],
      data: Int32Array.from(numbers(batchSize * 4, seed + 50), (value) => Math.floor((value + 1) * 3)),
    },
    mask: { dtype: 'float32', shape: [batchSize, 4], data: mask },
  };
}
