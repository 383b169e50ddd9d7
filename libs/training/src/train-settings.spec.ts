import { join } from 'node:path';
import { Random } from '@assay/core';
import { initialValues } from '@assay/graph';
import type { InputArray } from '@assay/preprocess';
import { expectClose, withTempDir } from '@assay/testing';
import type { EpochLog } from './epoch-log.js';
import { BALANCED_K, STEPS_PER_EPOCH, threeOptions } from './three-modalities.fixture.js';
import { train, type TrainedModel, type TrainOptions } from './train.js';
import { tinyOptions } from './tiny-task.fixture.js';
import { TrainingSession, type StepBatch, type TrainingBatch } from './training-session.js';

async function finish(options: TrainOptions): Promise<{ logs: EpochLog[]; trained: TrainedModel }> {
  const logs: EpochLog[] = [];
  const run = train(options);
  let next = await run.next();
  for (; next.done !== true; next = await run.next()) logs.push(next.value);
  return { logs, trained: next.value };
}

/** A learning rate that leaves the weights where they started. */
const STANDING_STILL = 1e-12;

const startOf = ({ model, seed }: TrainOptions) =>
  initialValues(model.parameters, new Random(seed, 'weights'));

const batchesOf = ({ data }: TrainOptions, split: 'train' | 'validation') => [
  ...(data.batches(split, { batchSize: 100 }) as Iterable<TrainingBatch>),
];

/** Σ w·(−log p) / Σ w over the true classes of a split, by the start weights. */
function lossAtStart(options: TrainOptions, split: 'train' | 'validation'): number {
  const { model, config } = options;
  const [batch] = batchesOf(options, split);
  using session = new TrainingSession({
    model,
    config,
    initial: startOf(options),
    classWeight_K: BALANCED_K,
    seed: 3,
  });
  const { score_BK } = session.predict(batch!);
  let sum = 0;
  let weight = 0;
  for (const [i, label] of batch!.label_BK.entries()) {
    sum -= label * BALANCED_K[i % 3]! * Math.log(score_BK[i]!);
    weight += label * BALANCED_K[i % 3]!;
  }
  return sum / weight;
}

test('a run that stops after its best epoch and goes on keeps schedule, dropout and best weights', async () => {
  await withTempDir(async (dir) => {
    const options = threeOptions({}, { dropout: 0.3, modalityDropout: 0.3 });
    const whole = await finish(options);
    expect(whole.trained.bestEpoch).toBe(1); // learning makes validation worse
    // steps 3, 7, 11 and 15 of 16; 4 of warm-up, then half a cosine: 0.01 · (1 + cos(π · (step − 4) / 12)) / 2
    const lrs = [0.01, 0.008535534, 0.003705905, 0.000170371];
    for (const [i, { lr }] of whole.logs.entries()) expect(lr).toBeCloseTo(lrs[i]!, 9);

    const stopped = { ...options, checkpointPath: join(dir, 'checkpoint.safetensors') };
    for await (const { epoch } of train(stopped)) if (epoch === 2) break;
    expect(await finish(stopped)).toEqual(whole);
  });
});

test('dropout draws other units at every step of every epoch', async () => {
  const step = jest.spyOn(TrainingSession.prototype, 'step');
  await finish(threeOptions());
  const steps = step.mock.calls.map(([, , number]) => number);
  step.mockRestore();
  expect(steps).toEqual(Array.from({ length: 4 * STEPS_PER_EPOCH }, (_, i) => i + 1));
});

test.each([1, 4, 7, 10])(
  'the validation loss of balanced classes is the same in batches of %i',
  async (batchSize) => {
    const options = threeOptions({ batchSize, lr: STANDING_STILL, maxEpochs: 1 });
    const { logs } = await finish(options);
    expect(logs[0]!.validationLoss).toBeCloseTo(lossAtStart(options, 'validation'), 5);
  },
);

test('the training loss is the loss of the whole model alone, so that it compares with the one of validation', async () => {
  const options = threeOptions({ lr: STANDING_STILL, maxEpochs: 1 });
  const { logs } = await finish(options);
  expect(logs[0]!.trainLoss).toBeCloseTo(lossAtStart(options, 'train'), 5);
});

test('a step sees hidden modalities; validation sees the records as they are', async () => {
  const step = jest.spyOn(TrainingSession.prototype, 'step');
  const predict = jest.spyOn(TrainingSession.prototype, 'predict');
  await finish(threeOptions({ maxEpochs: 1 }, { modalityDropout: 0.5 }));
  const [trained, validated] = [step, predict].map(({ mock }) => mock.calls.map(([batch]) => batch));
  step.mockRestore();
  predict.mockRestore();
  const numHidden = (batches: StepBatch[] = []): number =>
    batches.flatMap(({ inputs }) => [...inputs.present_BM!.data]).filter((bit) => bit === 0).length;
  expect(numHidden(trained)).toBeGreaterThan(2); // 7 of 14 expected, standard deviation 1.9
  expect(numHidden(validated)).toBe(0);
});

test('the loader is asked for what the config says', async () => {
  const options = threeOptions({
    ...{ maxEpochs: 1, sampling: 'balanced', sourceShares: { 'a.csv': 2 }, bucketByLength: true },
    augment: { flip: 0.25, crop: null, colorJitter: null, randAugment: null, cutout: null },
  });
  const openLoader = jest.spyOn(options.data, 'openLoader');
  await finish(options);
  expect(openLoader).toHaveBeenCalledWith('train', {
    ...{
      batchSize: 4,
      seed: options.seed,
      sampling: 'balanced',
      sourceShares: { 'a.csv': 2 },
      bucketByLength: true,
    },
    augment: { flip: 0.25 },
  });
});

test('batches of shorter texts are the same to the model as padded ones', () => {
  const options = tinyOptions({ bucketByLength: true });
  const { model, config, data } = options;
  const [batch] = [...(data.batches('train', { batchSize: 8 }) as Iterable<TrainingBatch>)];
  const inputs = batch!.inputs;
  const cut = (array: InputArray, length: number): InputArray => ({
    ...array,
    shape: [8, length],
    data: array.data.filter((_, i) => i % 6 < length),
  });
  const hidden = { ...inputs.mask_BL!, data: inputs.mask_BL!.data.map((_, i) => Number(i % 6 < 4)) };
  const shorter = { ...inputs, token_BL: cut(inputs.token_BL!, 4), mask_BL: cut(inputs.mask_BL!, 4) };
  const initial = startOf(options);
  using session = new TrainingSession({
    ...{ model, config, initial, classWeight_K: [1], seed: 3, hasVaryingLength: true },
  });
  const padded = session.predict({ ...batch!, inputs: { ...inputs, mask_BL: hidden } });
  expectClose(session.predict({ ...batch!, inputs: shorter }).score_BK, padded.score_BK, { absolute: 1e-6 });
});

test('every modality learns by a head of its own', async () => {
  const { trained } = await finish(threeOptions({ weightDecay: 0, maxEpochs: 1 }));
  for (const modality of ['text', 'image', 'tabular'])
    expect(trained.weights[`${modality}/head/bias_F`]).not.toEqual(new Float32Array(3)); // where it started
});

test('weights decay as asked and the gradient is clipped as asked; biases do not decay', async () => {
  // One step. A gradient of norm 1e-9 is far below the epsilon of Adam, 1e-7, so that it moves nothing by more than 1e-4 · lr:
  // what is left is the decay by 1 − 0.1 · 2. Without clipping a weight would move by 0.1.
  const options = threeOptions({
    batchSize: 14,
    maxEpochs: 1,
    lr: 0.1,
    warmupFraction: 0,
    weightDecay: 2,
    clipNorm: 1e-9,
  });
  const { trained } = await finish(options);
  for (const [name, start] of Object.entries(startOf(options))) {
    const kept = options.model.parameters[name]!.shape.length >= 2 ? 0.8 : 1;
    for (const [i, value] of trained.weights[name]!.entries()) expect(value).toBeCloseTo(kept * start[i]!, 3);
  }
});
