import { tf } from '@assay/tensorflow';
import type { AxisLength } from '../axes.js';
import { attention } from './attention.js';
import { batchNorm, batchNormInference } from './batch-norm.js';
import { biasAdd } from './bias-add.js';
import { dense } from './dense.js';
import { embeddingBag } from './embedding-bag.js';
import { embeddingLookup } from './embedding-lookup.js';
import { flipImages } from './flip-images.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layer-norm.js';
import { maskedMean } from './masked-mean.js';
import { normalizeImages } from './normalize-images.js';
import { resizeImages } from './resize-images.js';
import { sigmoidCrossEntropy } from './sigmoid-cross-entropy.js';
import { softLabelCrossEntropy } from './soft-label-cross-entropy.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';
import type { CaseInput, InputOf, Kind, OpCase } from './op-inputs.fixture.js';
import type { PoolMode } from './weighted-sum.js';

const float = (...shape: AxisLength[]): CaseInput => ({ kind: 'float', shape });
const of = (kind: Kind, ...shape: AxisLength[]): CaseInput => ({ kind, shape });

const unary = (op: string, compute: (x: tf.Tensor) => tf.Tensor, kind: Kind = 'float'): [string, OpCase] => [
  op,
  { op, inputs: { x: of(kind, 'B', 3) }, wrt: ['x'], compute: (at) => compute(at('x')) },
];

const binary = (op: string, compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): [string, OpCase][] =>
  [[3], ['B', 1, 3], [2, 1], ['B', 2, 3]].map((shape) => [
    `${op} of [${shape.join(', ')}]`,
    {
      op,
      inputs: { a: float('B', 2, 3), b: float(...shape) },
      wrt: ['a', 'b'],
      compute: (at) => compute(at('a'), at('b')),
    },
  ]);

const bag = (mode: PoolMode, kind: Kind): [string, OpCase] => [
  `embeddingBag ${mode} of ${kind}`,
  {
    op: 'embeddingBag',
    options: { mode },
    inputs: { table: float(7, 3), id: { ...of('id', 'B', 'L'), limit: 7 }, weight: of(kind, 'B', 'L') },
    wrt: ['table'],
    compute: (at) => embeddingBag(at('table'), at('id'), at('weight'), mode),
  },
];

const attend = (
  name: string,
  length: AxisLength,
  mask: Kind | undefined,
  causal: boolean,
): [string, OpCase] => [
  `attention ${name}`,
  {
    op: 'attention',
    options: { heads: 2, causal },
    inputs: {
      query: float('B', length, 6),
      key: float('B', 'L', 6),
      value: float('B', 'L', 6),
      ...(mask === undefined ? {} : { mask: of(mask, 'B', 'L') }),
    },
    wrt: ['query', 'key', 'value'],
    compute: (at) =>
      attention({
        ...{ query_BTD: at('query'), key_BSD: at('key'), value_BSD: at('value'), numHeads: 2, causal },
        mask_BS: mask === undefined ? undefined : at('mask'),
      }),
  },
];

/** One loss with weights, without, and with weights that are all 0. */
const losses = (
  op: string,
  target: CaseInput,
  weightShape: AxisLength[],
  compute: (at: InputOf, isWeighted: boolean) => tf.Tensor,
): [string, OpCase][] =>
  ([undefined, 'weight', 'zeros'] as const).map((kind) => [
    `${op} with ${kind ?? 'no'} weights`,
    {
      op,
      inputs: {
        logit: float('B', 5),
        target,
        ...(kind === undefined ? {} : { weight: of(kind, ...weightShape) }),
      },
      wrt: ['logit'],
      compute: (at) => compute(at, kind !== undefined),
    },
  ]);

const norm = (name: string, ...shape: AxisLength[]): [string, OpCase][] => {
  const inputs = { x: float(...shape), scale: float(4), offset: float(4) };
  const statistics = { mean: float(4), variance: of('positive', 4) };
  const unit = (x: tf.Tensor4D) => batchNorm(x, { scale_C: tf.ones([4]), offset_C: tf.zeros([4]) });
  const wrt = Object.keys(inputs);
  return [
    [
      `batchNorm of ${name}`,
      {
        op: 'batchNorm',
        inputs,
        wrt,
        compute: (at) =>
          batchNorm(at<tf.Tensor4D>('x'), { scale_C: at('scale'), offset_C: at('offset') }).normalized,
      },
    ],
    [
      `mean of ${name}`,
      { op: 'batchMean', inputs: { x: inputs.x }, wrt: [], compute: (at) => unit(at('x')).mean_C },
    ],
    [
      `variance of ${name}`,
      { op: 'batchVariance', inputs: { x: inputs.x }, wrt: [], compute: (at) => unit(at('x')).variance_C },
    ],
    [
      `batchNormInference of ${name}`,
      {
        op: 'batchNormInference',
        inputs: { ...inputs, ...statistics },
        wrt,
        compute: (at) =>
          batchNormInference(at<tf.Tensor4D>('x'), {
            ...{
              scale_C: at('scale'),
              offset_C: at('offset'),
              mean_C: at('mean'),
              variance_C: at('variance'),
            },
            epsilon: 1e-2,
          }),
      },
    ],
  ];
};

const resize = (height: number, width: number): [string, OpCase] => [
  `resizeImages to ${height}×${width}`,
  {
    op: 'resizeImages',
    options: { size: [height, width] },
    inputs: { x: float('B', 4, 3, 2) },
    wrt: ['x'],
    compute: (at) => resizeImages(at('x'), [height, width]),
  },
];

const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

const layers = (...shape: AxisLength[]): [string, OpCase][] => [
  [
    `dense of [${shape.join(', ')}, 3]`,
    {
      op: 'dense',
      inputs: { x: float(...shape, 3), weight: float(3, 4), bias: float(4) },
      wrt: ['x', 'weight', 'bias'],
      compute: (at) => dense(at('x'), at('weight'), at('bias')),
    },
  ],
  [
    `layerNorm of [${shape.join(', ')}, 3]`,
    {
      op: 'layerNorm',
      inputs: { x: float(...shape, 3), scale: float(3), offset: float(3) },
      wrt: ['x', 'scale', 'offset'],
      compute: (at) => layerNorm(at('x'), at('scale'), at('offset')),
    },
  ],
  [
    `biasAdd of [${shape.join(', ')}, 3]`,
    {
      op: 'biasAdd',
      inputs: { x: float(...shape, 3), bias: float(3) },
      wrt: ['x', 'bias'],
      compute: (at) => biasAdd(at('x'), at('bias')),
    },
  ],
];

const stepwise = (x: tf.Tensor): tf.Tensor => {
  const inside = x.greater(0).logicalAnd(x.lessEqual(0.8)).logicalOr(x.less(-0.5));
  const large = x.mul(3).toInt().greaterEqual(tf.scalar(1, 'int32')).toFloat();
  return tf.where(inside, x.square(), x.mul(3)).mul(large.add(1));
};

/** Every op of the library, and every replaced gradient. */
export const OP_CASES: Readonly<Record<string, OpCase>> = Object.fromEntries<OpCase>([
  ...norm('images', 'B', 2, 3, 4),
  ...norm('rows', 'B', 4),
  ...layers('B'),
  ...layers('B', 'L'),
  unary('geluErf', (x) => gelu(x.mul(2), 'erf')),
  unary('geluTanh', (x) => gelu(x.mul(2), 'tanh')),
  [
    'embeddingLookup',
    {
      op: 'embeddingLookup',
      inputs: { table: float(7, 3), id: { ...of('id', 'B', 'L'), limit: 7 } },
      wrt: ['table'],
      compute: (at) => embeddingLookup(at('table'), at('id')),
    },
  ],
  bag('sum', 'weight'),
  bag('mean', 'mask'),
  bag('sqrtn', 'weight'),
  [
    'maskedMean',
    {
      op: 'maskedMean',
      inputs: { x: float('B', 'L', 3), mask: of('mask', 'B', 'L') },
      wrt: ['x'],
      compute: (at) => maskedMean(at('x'), at('mask')),
    },
  ],
  ...losses('softmaxCrossEntropy', { ...of('class', 'B'), limit: 5 }, ['B'], (at, isWeighted) =>
    softmaxCrossEntropy(at('logit'), at('target'), isWeighted ? at('weight') : undefined),
  ),
  ...losses('softLabelCrossEntropy', float('B', 5), ['B'], (at, isWeighted) => {
    const label_BK = at<tf.Tensor2D>('target').mul<tf.Tensor2D>(3).softmax();
    return softLabelCrossEntropy(at('logit'), label_BK, isWeighted ? at('weight') : undefined);
  }),
  ...losses('sigmoidCrossEntropy', of('positive', 'B', 5), ['B', 5], (at, isWeighted) =>
    sigmoidCrossEntropy(at('logit'), at('target'), isWeighted ? at('weight') : undefined),
  ),
  attend('to itself', 'L', undefined, false),
  attend('with a mask', 'L', 'mask', false),
  attend('to what came before', 'L', undefined, true),
  attend('to what came before with a mask', 'L', 'mask', true),
  attend('across', 3, 'mask', false),
  attend('to nothing', 'L', 'zeros', false),
  [
    'normalizeImages',
    {
      op: 'normalizeImages',
      options: { mean: MEAN, deviation: DEVIATION },
      inputs: { x: of('byte', 'B', 2, 5, 3) },
      wrt: [],
      compute: (at) => normalizeImages(at('x'), MEAN, DEVIATION),
    },
  ],
  resize(7, 5),
  resize(2, 2),
  [
    'flipImages',
    {
      op: 'flipImages',
      inputs: { x: float('B', 2, 5, 3), flip: of('mask', 'B') },
      wrt: ['x'],
      compute: (at) => flipImages(at('x'), at('flip')),
    },
  ],
  unary('relu', (x) => x.relu()),
  unary('relu6', (x) => x.mul(8).relu6()),
  unary('leakyRelu', (x) => x.leakyRelu(0.3)),
  unary('selu', (x) => x.selu()),
  unary('softplus', (x) => x.softplus()),
  unary('sigmoid', (x) => x.sigmoid()),
  unary('tanh', (x) => x.tanh()),
  unary('abs', (x) => x.abs()),
  unary('sqrt', (x) => x.sqrt(), 'positive'),
  unary('rsqrt', (x) => x.rsqrt(), 'positive'),
  unary('comparisons', stepwise),
  ...binary('add', (a, b) => a.add(b)),
  ...binary('multiply', (a, b) => a.mul(b)),
  ...binary('maximum', (a, b) => a.maximum(b)),
  ...binary('minimum', (a, b) => a.minimum(b)),
  ...binary('squaredDifference', (a, b) => a.squaredDifference(b)),
  [
    'sums',
    {
      op: 'sums',
      inputs: { x: float('B', 4, 3) },
      wrt: ['x'],
      compute: (at) => {
        const tensor = at('x');
        return tensor
          .sum(0)
          .add(tensor.mean([0, 1]))
          .add(tensor.mean());
      },
    },
  ],
]);
