import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TrainConfig } from '@assay/config';
import { AssayError, createProgress, Random, throwIfInterrupted, type ProgressMode } from '@assay/core';
import { balancedClassWeights, initialParameters, type ClassCount, type Model } from '@assay/models';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { augmentImages } from './augment-images.js';
import { bestEpochOf, shouldStop } from './early-stopping.js';
import { describeEpoch, type EpochLog } from './epoch-log.js';
import { hideModalities } from './hide-modalities.js';
import { learningRateAt } from './learning-rate.js';
import type { NamedArrays } from './named-arrays.js';
import { TrainingSession, type TrainingBatch } from './training-session.js';
import { validate } from './validate.js';

type TrainingSplit = 'train' | 'validation';

/** Where the batches come from; `PreparedData` is one. */
export interface TrainingData {
  numRows(split: TrainingSplit): number;
  /** @param options.random shuffles; without it the order is that of the split */
  batches(
    split: TrainingSplit,
    options: { batchSize: number; random?: Random },
  ): AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>;
}

export interface TrainOptions {
  model: Model;
  data: TrainingData;
  config: TrainConfig;
  /** Known and positive labels of the training split per class, for `classWeighting: balanced`. */
  classCounts: readonly ClassCount[];
  seed: number;
  /** File of the checkpoint; a run that finds one goes on after its last epoch. */
  checkpointPath?: string;
  signal?: AbortSignal;
  progress?: ProgressMode;
}

export interface TrainedModel {
  /** Weights of the best epoch. */
  weights: NamedArrays;
  bestEpoch: number;
  history: EpochLog[];
}

/**
 * Trains a model; after every epoch it saves a checkpoint and yields the epoch's figures.
 * Epochs that a checkpoint already holds are yielded again, so that a caller always sees the whole history.
 * A run that was killed and started again ends with the same weights as one that was not.
 *
 * @returns the weights of the best epoch
 * @throws NON_FINITE when the loss is not a finite number; the message names the records of the batch
 * @throws INTERRUPTED when the signal is aborted; the checkpoint of the last whole epoch stays
 * @throws DATA_EMPTY when a split has no records
 */
export async function* train(options: TrainOptions): AsyncGenerator<EpochLog, TrainedModel> {
  const { config, checkpointPath } = options;
  assertNotEmpty(options.data);
  const found = checkpointPath === undefined ? undefined : await loadCheckpoint(checkpointPath);
  const history = found?.history ?? [];
  const session = openSession(options, found?.weights);
  try {
    if (found !== undefined) session.optimizer.restore(found.optimizer);
    let best = found?.best ?? session.weights();
    yield* history;
    while (history.length < config.maxEpochs && !shouldStop(history, config)) {
      history.push(await runEpoch(options, session, history.length + 1));
      if (bestEpochOf(history, config) === history.length) best = session.weights();
      if (checkpointPath !== undefined) {
        await saveCheckpoint(checkpointPath, {
          history,
          weights: session.weights(),
          best,
          optimizer: session.optimizer.state(),
        });
      }
      yield history.at(-1) as EpochLog; // pushed above
    }
    return { weights: best, bestEpoch: bestEpochOf(history, config), history };
  } finally {
    session.dispose();
  }
}

function openSession(
  { model, config, classCounts, seed }: TrainOptions,
  weights: NamedArrays | undefined,
): TrainingSession {
  const { kind, names } = model.architecture.labels;
  return new TrainingSession({
    model,
    config,
    initial: weights ?? initialParameters(model, new Random(seed, 'weights')),
    classWeight_K:
      config.classWeighting === 'balanced' ? balancedClassWeights(kind, classCounts) : names.map(() => 1),
  });
}

/** One pass over the training split in an order that depends on seed and epoch alone, then validation. */
async function runEpoch(options: TrainOptions, session: TrainingSession, epoch: number): Promise<EpochLog> {
  const { model, data, config, seed, signal } = options;
  const numRows = data.numRows('train');
  const stepsPerEpoch = Math.ceil(numRows / config.batchSize);
  const schedule = {
    peak: config.lr,
    totalSteps: config.maxEpochs * stepsPerEpoch,
    warmupFraction: config.warmupFraction,
  };
  const random = new Random(seed, `epoch/${epoch}`);
  const progress = createProgress({
    label: `epoch ${epoch}/${config.maxEpochs}`,
    total: numRows,
    unit: 'examples',
    mode: options.progress,
  });
  const hiding = random.fork('modalities');
  const augmentation = random.fork('images');
  let step = (epoch - 1) * stepsPerEpoch;
  let lossSum = 0;
  let done = 0;
  let lr = 0;
  for await (const batch of data.batches('train', {
    batchSize: config.batchSize,
    random: random.fork('order'),
  })) {
    throwIfInterrupted(signal);
    lr = learningRateAt(step, schedule);
    const augmented = augmentImages(batch.inputs, augmentation);
    const inputs = hideModalities(augmented, model.architecture.model.modalityDropout, hiding);
    const loss = session.step({ ...batch, inputs }, lr, [seed, step]);
    assertFinite(loss, epoch, batch);
    lossSum += loss * batch.ids.length;
    done += batch.ids.length;
    step++;
    progress.update(done, `loss ${loss.toFixed(4)}`);
    await nextTurn(); // steps block: lets Ctrl-C and timers through
  }
  const validation = data.batches('validation', { batchSize: config.batchSize });
  const figures = await validate(session, validation, model.architecture.labels.names, signal);
  const log: EpochLog = { epoch, trainLoss: lossSum / done, ...figures, lr };
  progress.finish(describeEpoch(log));
  return log;
}

function assertNotEmpty(data: TrainingData): void {
  for (const split of ['train', 'validation'] as const) {
    if (data.numRows(split) === 0) {
      throw new AssayError(
        'DATA_EMPTY',
        `The ${split} split has no records; training needs at least one. Fix: change data.split, or add records.`,
      );
    }
  }
}

function assertFinite(loss: number, epoch: number, { ids }: TrainingBatch): void {
  if (Number.isFinite(loss)) return;
  const shown = ids.slice(0, 8).join(', ');
  throw new AssayError(
    'NON_FINITE',
    `The loss became ${loss} in epoch ${epoch}; a finite number was expected. Records of the batch: ${shown}${ids.length > 8 ? ` and ${ids.length - 8} more` : ''}. Fix: lower train.lr, or look for extreme values in these records.`,
    {
      details: { epoch, recordIds: [...ids] },
    },
  );
}
