import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TrainConfig } from '@assay/config';
import {
  AssayError,
  createLogger,
  createProgress,
  Random,
  throwIfInterrupted,
  type Logger,
  type Progress,
  type ProgressMode,
} from '@assay/core';
import type { LoaderSettings } from '@assay/data';
import { initialValues } from '@assay/graph';
import { balancedClassWeights, type ClassCount, type Model } from '@assay/models';
import { saveCheckpoint, usableCheckpoint } from './checkpoint.js';
import { augmentOptionsOf } from './augment-options.js';
import { bestEpochOf, shouldStop } from './early-stopping.js';
import { describeEpoch, type EpochLog } from './epoch-log.js';
import { hideModalities } from './hide-modalities.js';
import { learningRateAt } from './learning-rate.js';
import { addLoss, meanOfLoss, noLoss } from './loss-sum.js';
import type { NamedArrays } from './named-arrays.js';
import { TrainingSession, type TrainingBatch } from './training-session.js';
import { validate } from './validate.js';

type TrainingSplit = 'train' | 'validation';

/** Where the batches come from; `PreparedData` is one. */
export interface TrainingData {
  numRows(split: TrainingSplit): number;
  /** The records of a split in their order. */
  batches(
    split: TrainingSplit,
    options: { batchSize: number },
  ): AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>;
  /** Shuffled and altered batches, by seed and epoch. */
  openLoader(split: 'train', settings: LoaderSettings): TrainingLoader;
}

/** Gives the batches of epochs, the same for the same epoch; `PreparedLoader` is one. */
export interface TrainingLoader extends AsyncDisposable {
  /** Milliseconds that batches were waited for, in all. */
  readonly waitedMs: number;
  /** @param epoch counted from 0. A batch need hold only until the next one is asked for. */
  epoch(epoch: number): AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>;
}

export interface TrainOptions {
  model: Model;
  data: TrainingData;
  config: TrainConfig;
  /** Known and positive labels of the training split per class, for `classWeighting: balanced`. */
  classCounts: readonly ClassCount[];
  seed: number;
  /** File of the checkpoint; a run that finds one goes on after its last epoch, and without a damaged one. */
  checkpointPath?: string;
  /** Called once, before anything is trained, when a checkpoint holds epochs of an earlier, killed run. */
  onResume?: (epochs: number) => void;
  signal?: AbortSignal;
  progress?: ProgressMode;
  /** Hears of a damaged checkpoint. Default: one that writes to stderr. */
  logger?: Logger;
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
 * @throws NON_FINITE when loss or gradient is not finite; the message names the records of the batch
 * @throws INTERRUPTED when the signal is aborted; the checkpoint of the last whole epoch stays
 * @throws DATA_EMPTY when a split has no records
 */
export async function* train(options: TrainOptions): AsyncGenerator<EpochLog, TrainedModel> {
  const { config, checkpointPath, logger = createLogger('training') } = options;
  assertNotEmpty(options.data);
  const found = checkpointPath === undefined ? undefined : await usableCheckpoint(checkpointPath, logger);
  const history = found?.history ?? [];
  if (found !== undefined) options.onResume?.(history.length);
  const session = openSession(options, found?.weights);
  await using loader = options.data.openLoader('train', loaderSettings(options));
  try {
    if (found !== undefined) session.restoreOptimizer(found.optimizer);
    let best = found?.best ?? session.weights();
    yield* history;
    while (history.length < config.maxEpochs && !shouldStop(history, config)) {
      history.push(await runEpoch(options, { session, loader }, history.length + 1));
      if (bestEpochOf(history, config) === history.length) best = session.weights();
      if (checkpointPath !== undefined) {
        await saveCheckpoint(checkpointPath, {
          history,
          weights: session.weights(),
          best,
          optimizer: session.optimizerState(),
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
    initial: weights ?? initialValues(model.parameters, new Random(seed, 'weights')),
    seed,
    classWeight_K:
      config.classWeighting === 'balanced' ? balancedClassWeights(kind, classCounts) : names.map(() => 1),
    hasVaryingLength: config.bucketByLength,
  });
}

function loaderSettings({ config, seed }: TrainOptions): LoaderSettings {
  const { batchSize, sampling, sourceShares, bucketByLength, augment } = config;
  return {
    ...{ batchSize, seed, sampling, bucketByLength },
    ...(sourceShares && { sourceShares }),
    ...(augment && { augment: augmentOptionsOf(augment) }),
  };
}

/** Of a training session. */
interface Running {
  session: TrainingSession;
  loader: TrainingLoader;
}

/** One pass over the training split, then validation. */
async function runEpoch(options: TrainOptions, running: Running, epoch: number): Promise<EpochLog> {
  const { model, data, config, signal } = options;
  using progress = createProgress({
    label: `epoch ${epoch}/${config.maxEpochs}`,
    total: data.numRows('train'),
    unit: 'examples',
    mode: options.progress,
  });
  const { session, loader } = running;
  const [start, waitedBefore] = [performance.now(), loader.waitedMs];
  const trained = await passOver(options, running, epoch, progress);
  const waitShare = (loader.waitedMs - waitedBefore) / (performance.now() - start);
  const validation = data.batches('validation', { batchSize: config.batchSize });
  const figures = await validate(session, validation, model.architecture.labels.names, signal);
  const log: EpochLog = { epoch, ...trained, ...figures };
  progress.finish(`${describeEpoch(log)}, waiting for data ${(100 * waitShare).toFixed(0)} %`);
  return log;
}

/** Trains on the batches of an epoch, which depend on seed and epoch alone. */
async function passOver(
  { model, data, config, seed, signal }: TrainOptions,
  { session, loader }: Running,
  epoch: number,
  progress: Progress,
): Promise<Pick<EpochLog, 'trainLoss' | 'lr'>> {
  const { batchSize, lr: peak, maxEpochs, warmupFraction } = config;
  const stepsPerEpoch = Math.ceil(data.numRows('train') / batchSize);
  const schedule = { peak, totalSteps: maxEpochs * stepsPerEpoch, warmupFraction };
  const { modalityDropout } = model.architecture.model;
  let step = (epoch - 1) * stepsPerEpoch;
  let total = noLoss();
  let done = 0;
  let lr = 0;
  for await (const batch of loader.epoch(epoch - 1)) {
    throwIfInterrupted(signal);
    lr = learningRateAt(step, schedule);
    step++;
    const hiding = new Random(seed, `modalities/${step}`);
    const { label_BK, labelKnown_BK, weight_B, size } = batch;
    const inputs = hideModalities(batch.inputs, model.modalities, modalityDropout, hiding);
    const loss = namingRecords(batch, epoch, () =>
      session.step({ inputs, label_BK, labelKnown_BK, weight_B, size }, lr, step),
    );
    total = addLoss(total, loss);
    done += size;
    progress.update(done, `loss ${meanOfLoss(loss).toFixed(4)}`);
    await nextTurn(); // steps block: lets Ctrl-C and timers through
  }
  return { trainLoss: meanOfLoss(total), lr };
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

/** Runs a step; when it is not finite, the error tells of which records. */
function namingRecords<R>(batch: TrainingBatch, epoch: number, step: () => R): R {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== 'NON_FINITE') throw error;
    const { ids } = batch;
    const { loss, gradientNorm } = error.details as { loss: number; gradientNorm: number }; // of Program.step
    const what = Number.isFinite(loss)
      ? `norm of the gradient became ${gradientNorm}`
      : `loss became ${loss}`;
    const shown = ids.slice(0, 8).join(', ');
    throw new AssayError(
      'NON_FINITE',
      `The ${what} in epoch ${epoch}; a finite number was expected. Records of the batch: ${shown}${ids.length > 8 ? ` and ${ids.length - 8} more` : ''}. Fix: lower train.lr, or look for extreme values in these records.`,
      { cause: error, details: { epoch, recordIds: [...ids] } },
    );
  }
}
