import { Random } from '@assay/core';
import {
  compile,
  initialValues,
  loadSavedModel,
  traceFunction,
  writeSavedModel,
  type Batch,
} from '@assay/graph';
import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak, withTempDir } from '@assay/testing';
import { architectureOf, architectures, fourLabels, randomInputs } from './architectures.fixture.js';
import { createModel, type Model } from './create-model.js';
import { INFERENCE } from './context.js';
import type { ParameterTensors } from './parameter.js';
import { LOSSES } from './registry.js';

const variablesOf = (model: Model, seed = 1): Record<string, tf.Variable> => {
  const values = initialValues(model.parameters, new Random(seed, 'weights'));
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(values[name]!, [...shape]))),
    ]),
  );
};
const logitsOf = (model: Model, parameters: ParameterTensors, inputs: Record<string, tf.Tensor>): number[] =>
  tf.tidy(() => Array.from(model.forward(parameters, inputs, INFERENCE).logit_BK.dataSync()));

/** What training minimises: the loss of the model and that of each modality's own head. */
function trainingLoss(
  model: Model,
  parameters: ParameterTensors,
  inputs: Record<string, tf.Tensor>,
  { label_BK, weight_BK }: { label_BK: tf.Tensor2D; weight_BK: tf.Tensor2D },
): tf.Scalar {
  const loss = LOSSES[model.architecture.labels.kind];
  const { logit_BK, modalities } = model.trainingLogits(parameters, inputs, INFERENCE);
  const own = modalities.map(
    (modality) => loss(modality.logit_BK, label_BK, weight_BK.mul(modality.present_B1)).mean,
  );
  return tf.addN([loss(logit_BK, label_BK, weight_BK).mean, ...own]);
}

/** The values of `randomInputs` as feeds. */
function randomFeeds(model: Model, batchSize: number, random: Random): Batch {
  const inputs = randomInputs(Object.keys(model.inputs), batchSize, random);
  const feeds = Object.entries(inputs).map(([name, tensor]) => {
    const { dtype } = model.inputs[name as keyof typeof model.inputs]!;
    const data = tensor.dataSync() as Float32Array | Int32Array;
    return [name, { dtype, shape: tensor.shape, data: dtype === 'uint8' ? Uint8Array.from(data) : data }];
  });
  tf.dispose(inputs);
  return Object.fromEntries(feeds) as Batch;
}

describe.each(architectures())('%s', (_name, architecture) => {
  const model = createModel(architecture);
  const { kind, names } = architecture.labels;
  const inputNames = Object.keys(model.inputs);

  test('gives one logit per record and class, and a hidden vector', async () => {
    await expectNoLeak(tf, () => {
      const parameters = variablesOf(model);
      const inputs = randomInputs(inputNames, 2, new Random(2));
      const { logit_BK, embedding_BF } = model.forward(parameters, inputs, INFERENCE);
      expect(logit_BK.shape).toEqual([2, names.length]);
      expect(embedding_BF.shape).toEqual([2, 16]);
      tf.dispose([parameters, inputs, logit_BK, embedding_BF]);
    });
  });

  test('every parameter has a finite gradient, and not all are zero', async () => {
    await expectNoLeak(tf, () => {
      const parameters = variablesOf(model);
      tf.tidy(() => {
        const inputs = randomInputs(inputNames, 4, new Random(2));
        const label_BK = tf.tensor2d(fourLabels(kind));
        const weight_BK = tf.onesLike(label_BK);
        const { grads } = tf.variableGrads(() =>
          trainingLoss(model, parameters, inputs, { label_BK, weight_BK }),
        );
        for (const [name, variable] of Object.entries(parameters)) {
          const gradient = Array.from(grads[variable.name]!.dataSync());
          expect([name, gradient.every(Number.isFinite), gradient.some((value) => value !== 0)]).toEqual([
            name,
            true,
            true,
          ]);
        }
      });
      tf.dispose(parameters);
    });
  });

  test('learns four examples by heart', () => {
    const perClass = { dtype: 'float32', shape: ['B', names.length] } as const;
    using program = compile(
      {
        parameters: model.parameters,
        inputs: Object.fromEntries(
          Object.entries(model.inputs).map(([name, { dtype, shape }]) => [
            name,
            { dtype, shape: ['B', ...shape] },
          ]),
        ),
        targets: { label_BK: perClass },
        loss: (values, batch) => {
          const label_BK = batch.label_BK as tf.Tensor2D;
          const targets = { label_BK, weight_BK: tf.onesLike(label_BK) };
          const { logit_BK } = model.forward(values, batch, INFERENCE);
          return {
            loss: trainingLoss(model, values, batch, targets),
            metrics: { whole: LOSSES[kind](logit_BK, label_BK, targets.weight_BK).mean },
          };
        },
      },
      { optimizer: { kind: 'adamw', weightDecay: 0 }, seed: 1 },
    );
    const batch: Batch = {
      ...randomFeeds(model, 4, new Random(3)),
      label_BK: { ...perClass, shape: [4, names.length], data: Float32Array.from(fourLabels(kind).flat()) },
    };
    for (let step = 1; step <= 150; step++) program.step(batch, { learningRate: 0.01, step });
    expect(program.evaluate(batch).metrics.whole).toBeLessThan(0.05);
  });

  test('gives the same logits after it was written as a graph and loaded', async () => {
    await withTempDir(async (dir) => {
      await expectNoLeak(tf, async () => {
        const parameters = variablesOf(model);
        const signature = Object.fromEntries(
          Object.entries(model.inputs).map(([name, { dtype, shape }]) => [
            name,
            {
              dtype: dtype === 'float32' ? ('float32' as const) : ('int32' as const),
              shape: [null, ...shape],
            },
          ]),
        );
        const program = traceFunction(
          (values: ParameterTensors, inputs) => model.forward(values, inputs, INFERENCE),
          { inputs: signature, parameters },
        );
        await writeSavedModel(dir, program);
        const runner = loadSavedModel(dir);
        const inputs = randomInputs(inputNames, 3, new Random(4));
        expectClose(
          runner.run(randomFeeds(model, 3, new Random(4)))['logit_BK']!.data,
          logitsOf(model, parameters, inputs),
          {
            absolute: 1e-5,
          },
        );
        runner.dispose();
        tf.dispose([parameters, inputs]);
      });
    });
  });
});

describe('a model of all modalities', () => {
  const model = createModel(
    architectureOf('multi-label', {
      text: { encoder: 'embedding-bag', dim: 10 },
      image: { encoder: 'small-conv', channels: [6] },
      tabular: { dim: 13, categoryDim: 3 },
    }),
  );

  test('takes no notice of the content of an absent modality', async () => {
    await expectNoLeak(tf, () => {
      const parameters = variablesOf(model);
      const names = Object.keys(model.inputs);
      const logits = [5, 6].map((seed) => {
        const inputs = { ...randomInputs(names, 2, new Random(9)) };
        const other = randomInputs(names, 2, new Random(seed));
        // text and tables differ between both runs, but only the images are said to be there
        const present_BM = tf.tensor2d([
          [0, 1, 0],
          [0, 1, 0],
        ]);
        const mixed = { ...other, image_BIHWC: inputs.image_BIHWC!, present_BM };
        const found = logitsOf(model, parameters, mixed);
        tf.dispose([inputs, other, present_BM]);
        return found;
      });
      expect(logits[0]).toEqual(logits[1]);
      tf.dispose(parameters);
    });
  });

  test('takes no notice of masked images and masked tokens', async () => {
    await expectNoLeak(tf, () => {
      const parameters = variablesOf(model);
      const base = randomInputs(Object.keys(model.inputs), 1, new Random(1));
      const other = randomInputs(Object.keys(model.inputs), 1, new Random(2));
      const mask_BL = tf.tensor2d([[1, 1, 0, 0, 0]]);
      const imageMask_BI = tf.tensor2d([[1, 0]]);
      const token_BL = tf.tidy(() =>
        tf.concat([base.token_BL!.slice([0, 0], [1, 2]), other.token_BL!.slice([0, 2], [1, 3])], 1),
      );
      const image_BIHWC = tf.tidy(() =>
        tf.concat([base.image_BIHWC!.slice([0, 0], [1, 1]), other.image_BIHWC!.slice([0, 1], [1, 1])], 1),
      );
      const masked = { ...base, mask_BL, imageMask_BI };
      expect(logitsOf(model, parameters, { ...masked, token_BL, image_BIHWC })).toEqual(
        logitsOf(model, parameters, masked),
      );
      expect(logitsOf(model, parameters, { ...base, token_BL, image_BIHWC })).not.toEqual(
        logitsOf(model, parameters, base),
      );
      tf.dispose([parameters, base, other, mask_BL, imageMask_BI, token_BL, image_BIHWC]);
    });
  });

  test('asks for dropout of its tokens and of its hidden units, at the rate of the config', () => {
    tf.tidy(() => {
      const parameters = variablesOf(model);
      const asked: [number, number[]][] = [];
      const dropout = <T extends tf.Tensor>(x: T, rate: number): T => {
        asked.push([rate, x.shape]);
        return x;
      };
      model.forward(parameters, randomInputs(Object.keys(model.inputs), 4, new Random(1)), {
        training: true,
        dropout,
      });
      expect(asked).toEqual([
        [0.1, [4, 5]],
        [0.1, [4, 16]],
      ]);
      tf.dispose(parameters);
    });
  });

  test('counts its parameters', () => {
    // table 11·10; conv 3·3·3·6 + scale 6 + bias 6; image dense 12·6 + 6; categories 4·3 + 7·3; tabular dense 12·13 + 13;
    // hidden (10 + 12 + 13 + 3)·16 + 16; head 16·3 + 3; a head for each modality: 10·3 + 3, 12·3 + 3, 13·3 + 3
    expect(model.numParameters).toBe(110 + 174 + 78 + 33 + 169 + 624 + 51 + 33 + 39 + 42);
  });
});

test('lists its modalities in the order of their heads, whatever the preprocessor makes', () => {
  const config = {
    tabular: { dim: 13, categoryDim: 3 },
    text: { encoder: 'embedding-bag', dim: 10 },
  } as const;
  expect(createModel(architectureOf('multi-label', config)).modalities).toEqual(['text', 'tabular']);
});

test('a config that needs an input which the preprocessor does not make is refused by name', () => {
  const architecture = {
    ...architectureOf('multi-label', { image: { encoder: 'small-conv', channels: [6] } }),
    inputs: {},
  };
  expect(() => createModel(architecture)).toThrow(/'image_BIHWC'/);
});

test('a batch without an input is refused by name', () => {
  const model = createModel(architectureOf('multi-label', { text: { encoder: 'embedding-bag', dim: 10 } }));
  expect(() => model.forward({}, { present_BM: tf.ones([1, 3]) }, INFERENCE)).toThrow(/'mask_BL'/);
});

test('the example of the README', () => {
  const model = createModel({
    model: {
      tabular: { dim: 4, categoryDim: 2 },
      fusion: 'concat',
      hiddenDim: 8,
      dropout: 0,
      modalityDropout: 0,
    },
    inputs: { numeric_BF: { dtype: 'float32', shape: [6] }, present_BM: { dtype: 'float32', shape: [3] } },
    vocabularySize: 0,
    categorySizes: [],
    labels: { kind: 'multi-label', names: ['weapons', 'counterfeit'] },
  });
  expect(model.numParameters).toBe(28 + 48 + 18);
  expect(model.name).toBe('tabular/concat');
});
