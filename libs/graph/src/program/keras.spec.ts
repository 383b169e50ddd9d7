import { tf } from '@assay/tensorflow';
import { expectClose } from '@assay/testing';
import * as graph from '../index.js';
import { referenceSuite, runScript } from '../reference-python.fixture.js';
import type { Batch } from './batch-feeds.js';
import type { CompileOptions } from './compile-options.js';
import type { ModelDefinition } from './model-definition.js';

/** The models, weights and batches of the benchmark, which the script makes by the same formulas. */
const benchFile = <T extends object>(name: string): T =>
  jest.requireActual<T>(`../../../../bench/compiled/${name}.cjs`);
type Sizes = Readonly<Record<string, number | readonly number[]>>;
const models = benchFile<
  (engine: typeof tf, ops: typeof graph) => Record<string, (sizes: Sizes) => ModelDefinition>
>('own-models')(tf, graph);
const { initialValue } = benchFile<{
  initialValue: (name: string, shape: readonly number[]) => Float32Array;
}>('formula');
const { makeBatches } = benchFile<{ makeBatches: (sizes: Sizes, batchSize: number) => Batch[] }>('batches');

const TEXT_AND_IMAGE = {
  vocabulary: 31,
  length: 7,
  dim: 8,
  imageSize: 13,
  channels: [4, 6],
  hidden: 9,
  labels: 3,
  dropout: 0,
};
const STEPS = 10;

interface Case {
  model: string;
  sizes: Sizes;
  batch: number;
  optimizer: {
    type: string;
    lr: number;
    weightDecay?: number;
    clipNorm?: number;
    momentum?: number;
    nesterov?: boolean;
  };
}

const CASES: Record<string, Case> = {
  'a perceptron with AdamW': {
    model: 'mlp',
    sizes: { features: 11, hidden: [8, 5], labels: 3 },
    batch: 5,
    optimizer: { type: 'adamw', lr: 0.01, weightDecay: 0.1 },
  },
  'batch normalisation and a table with AdamW and clipping': {
    model: 'mean',
    sizes: { ...TEXT_AND_IMAGE, layers: 0 },
    batch: 6,
    optimizer: { type: 'adamw', lr: 0.01, weightDecay: 0.1, clipNorm: 0.2 },
  },
  'a transformer with AdamW': {
    model: 'xf',
    sizes: { ...TEXT_AND_IMAGE, layers: 2, heads: 2, feedForward: 12 },
    batch: 6,
    optimizer: { type: 'adamw', lr: 0.003, weightDecay: 0.1 },
  },
  'batch normalisation with Nesterov momentum': {
    model: 'mean',
    sizes: { ...TEXT_AND_IMAGE, layers: 0 },
    batch: 4,
    optimizer: { type: 'sgd', lr: 0.1, momentum: 0.9, nesterov: true },
  },
};

interface Reference {
  losses: number[];
  weights: Record<string, { sum: number; sumOfSquares: number }>;
  moving: Record<string, number[]>;
}

function optionsOf({
  type,
  weightDecay = 0,
  clipNorm,
  momentum,
  nesterov,
}: Case['optimizer']): CompileOptions {
  return {
    optimizer: type === 'sgd' ? { kind: 'sgd', momentum, nesterov } : { kind: 'adamw', weightDecay },
    clipNorm,
  };
}

/** Start values by the formula: moving means 0, moving variances 1. */
function initialOf({ parameters, state = {} }: ModelDefinition): Record<string, Float32Array> {
  const trained = Object.entries(parameters).map(([name, { shape }]) => [name, initialValue(name, shape)]);
  const moving = Object.entries(state).map(([name, { shape }]) => [
    name,
    new Float32Array(shape[0] ?? 0).fill(name.endsWith('/variance') ? 1 : 0),
  ]);
  return Object.fromEntries([...trained, ...moving]) as Record<string, Float32Array>;
}

referenceSuite('ten steps are those of Keras, from the same weights and batches:', () => {
  let references: Reference[];
  beforeAll(() => {
    const cases = Object.values(CASES).map((each) => ({ ...each, steps: STEPS }));
    references = runScript('reference-keras-steps.py', [], JSON.stringify(cases)) as Reference[];
  }, 120_000);

  it.each(Object.entries(CASES))('%s', (name, { model, sizes, batch, optimizer }) => {
    const { losses, weights, moving } = references[Object.keys(CASES).indexOf(name)]!;
    const definition = models[model]!(sizes);
    using program = graph.compile(definition, { ...optionsOf(optimizer), initial: initialOf(definition) });
    const batches = makeBatches(sizes, batch);
    const found = losses.map(
      (_, i) => program.step(batches[i % batches.length]!, { learningRate: optimizer.lr, step: i + 1 }).loss,
    );
    expect(found).toHaveLength(STEPS);
    expectClose(found, losses, { absolute: 1e-4 });
    const values = program.readVariables([
      ...Object.keys(definition.parameters),
      ...Object.keys(definition.state ?? {}),
    ]);
    expect(Object.keys(values).sort()).toEqual(Object.keys(weights).sort());
    for (const [variable, { data }] of Object.entries(values)) {
      // The gradient of a key bias is rounding errors only, which Adam takes for a direction.
      if (variable.endsWith('/key/bias')) continue;
      const { sum, sumOfSquares } = weights[variable]!;
      const near = { absolute: 2e-4 * Math.sqrt(data.length), relative: 1e-3 };
      expectClose([data.reduce((all, value) => all + value, 0)], [sum], near);
      expectClose([data.reduce((all, value) => all + value * value, 0)], [sumOfSquares], near);
    }
    for (const [variable, expected] of Object.entries(moving))
      expectClose(values[variable]!.data, expected, { absolute: 1e-4 });
  });
});
