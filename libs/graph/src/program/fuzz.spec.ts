import { Random } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { batchNorm, batchNormInference } from '../ops/batch-norm.js';
import type { OptimizerOptions } from '../optimizers/optimizer-options.js';
import {
  batchOf,
  INPUTS,
  OWN_OPS,
  PARAMETERS,
  TFJS_OPS,
  type OpParts,
  type UseOfOp,
} from '../supported-ops.fixture.js';
import { expectLikeEager } from './compare.fixture.js';
import type { ModelDefinition, ParameterSpec, StepContext, Tensors } from './model-definition.js';

const NUM_MODELS = Number(process.env.ASSAY_FUZZ_MODELS ?? 200);
const USES = [...Object.values(TFJS_OPS), OWN_OPS].flatMap((uses): [string, UseOfOp][] =>
  Object.entries(uses),
);

const OPTIMIZERS: readonly OptimizerOptions[] = [
  { kind: 'sgd' },
  { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.01 },
  { kind: 'adamw', epsilon: 1e-3 },
  { kind: 'lamb', epsilon: 1e-3 },
];

/** A model of some ops in a row: each result joins the running features through a projection, or as one number. */
function randomModel(random: Random): { model: ModelDefinition; ops: string[] } {
  const chosen = Array.from({ length: 2 + random.integer(3) }, () => random.pick(USES));
  const normalizes = random.bernoulli(0.3);
  const recomputes = random.bernoulli(0.2);
  const parameters: Record<string, ParameterSpec> = {
    ...PARAMETERS,
    kernel: { ...PARAMETERS.kernel, group: 'slow' },
  };
  chosen.forEach(([, use], i) => {
    const width = widthOf(use);
    if (width !== undefined) parameters[`project${i}`] = { shape: [width, 24], init: 'glorotUniform' };
  });
  const model: ModelDefinition = {
    parameters,
    state: { mean: { shape: [24], init: 'zeros' }, variance: { shape: [24], init: 'ones' } },
    inputs: INPUTS,
    loss: (values, batch, context) => {
      let h = tf.matMul<tf.Tensor2D>(batch.x!, values.weight!);
      chosen.forEach(([, use], i) => {
        const name = `project${i}`;
        const part = ([input]: readonly tf.Tensor[], own: Tensors): tf.Tensor2D => {
          const project = name in own ? own[name] : undefined;
          return joined(input as tf.Tensor2D, use, project, partsOf(own, batch, context));
        };
        h = recomputes && i === 0 ? context.recompute([h], values, part) : part([h], values);
      });
      if (normalizes) h = normalized(h, values, context);
      return { loss: h.sub(0.3).square().mean(), metrics: { mean: h.mean() } };
    },
  };
  return {
    model,
    ops: [
      ...chosen.map(([name]) => name),
      ...(normalizes ? ['moving averages'] : []),
      ...(recomputes ? ['recompute'] : []),
    ],
  };
}

const partsOf = (values: Tensors, batch: Tensors, context: StepContext): OpParts =>
  ({ ...values, ...batch, context }) as Tensors & OpParts;

function joined(h: tf.Tensor2D, use: UseOfOp, project: tf.Tensor | undefined, parts: OpParts): tf.Tensor2D {
  const y = use(h, parts);
  const added = project === undefined ? y.mean() : y.reshape([h.shape[0], -1]).matMul(project);
  return tf.tanh(h.mul<tf.Tensor2D>(0.5).add<tf.Tensor2D>(added));
}

function normalized(h: tf.Tensor2D, values: Tensors, context: StepContext): tf.Tensor2D {
  const parameters = {
    scale_C: tf.ones<tf.Rank.R1>([24]),
    offset_C: tf.zeros<tf.Rank.R1>([24]),
    epsilon: 0.1,
  };
  const [mean, variance] = [values.mean as tf.Tensor1D, values.variance as tf.Tensor1D];
  if (!context.training) return batchNormInference(h, { ...parameters, mean_C: mean, variance_C: variance });
  const batch = batchNorm(h, parameters);
  context.update('mean', mean.mul(0.9).add(batch.mean_C.mul(0.1)));
  context.update('variance', variance.mul(0.9).add(batch.variance_C.mul(0.1)));
  return batch.normalized;
}

/** Values of a row of the result, or undefined when its first axis is not the batch. */
function widthOf(use: UseOfOp): number | undefined {
  const shapes = [2, 3].map((size) =>
    tf.tidy(() => {
      const { id, mask } = batchOf(size, 1);
      const context = { dropout: <T>(x: T) => x, noise: <T>(x: T) => x } as unknown as StepContext;
      const parts = {
        context,
        id: tf.tensor2d(id!.data as Int32Array, [size, 4], 'int32'),
        mask: tf.tensor2d(mask!.data as Float32Array, [size, 4]),
        table: tf.ones<tf.Rank.R2>([6, 4]),
        scale: tf.ones<tf.Rank.R1>([4]),
        kernel: tf.ones<tf.Rank.R4>([3, 3, 2, 3]),
      };
      return use(tf.ones<tf.Rank.R2>([size, 24]), parts).shape;
    }),
  );
  const [two, three] = shapes;
  const [size = 0] = two ?? [];
  const isPerRow = size === 2 && three?.[0] === 3;
  return isPerRow ? two!.slice(1).reduce((product, length) => product * length, 1) : undefined;
}

it.each(Array.from({ length: NUM_MODELS }, (_, seed) => seed))(
  'random model %i, compiled, trains like eager',
  (seed) => {
    const random = new Random(seed, 'fuzz');
    const { model, ops } = randomModel(random);
    const options = {
      optimizer: random.pick(OPTIMIZERS),
      seed,
      clipNorm: random.bernoulli(0.5) ? 0.5 : undefined,
      averageDecay: random.bernoulli(0.3) ? 0.8 : undefined,
      freeze: random.bernoulli(0.2) ? /^(table|scale)$/ : undefined,
    };
    const batches = Array.from({ length: 3 }, (_, i) => batchOf(1 + random.integer(9), 100 * seed + i));
    try {
      expectLikeEager({ model, options, batches, learningRate: { default: 0.02, slow: 0.002 } });
    } catch (error) {
      throw new Error(`${ops.join(' → ')} with ${JSON.stringify(options)}: ${String(error)}`, {
        cause: error,
      });
    }
  },
);
