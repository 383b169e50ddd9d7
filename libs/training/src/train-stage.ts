import { copyFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stageSections, type LoadedConfig } from '@assay/config';
import {
  assertStageMatches,
  describeRunEnvironment,
  runStage,
  type Logger,
  type ProgressMode,
  type StageContext,
  type StageResult,
} from '@assay/core';
import { PreparedData } from '@assay/data';
import { describeEngine } from '@assay/tensorflow';
import { createModel, type ClassCount, type Model } from '@assay/models';
import type { EpochLog } from './epoch-log.js';
import { exportModel } from './export-model.js';
import { train, type TrainedModel } from './train.js';

export interface TrainStageOptions {
  loaded: LoadedConfig;
  /** Directory of the finished prepare stage. */
  preparedDir: string;
  /** Directory that the run is written to. */
  dir: string;
  /** Trains from the first epoch, whatever result or checkpoint is there already. */
  force?: boolean;
  signal?: AbortSignal;
  /** Called when a killed run is gone on with, with the number of its epochs. */
  onResume?: (epochs: number) => void;
  /** Called after every epoch. */
  onEpoch?: (log: EpochLog) => void;
  progress?: ProgressMode;
  /** Hears of a damaged checkpoint. Default: one that writes to stderr. */
  logger?: Logger;
}

/**
 * Trains the model of a pipeline on prepared data, and writes weights, architecture, inference graph and history.
 * After a kill the same call goes on with the last whole epoch.
 *
 * @returns the stage directory: `model.safetensors`, `model.json`, `preprocessor.json`, `labels.json`, `saved_model/`, `history.json`,
 *   `environment.json`
 * @throws STAGE_INPUT_MISSING when the data are not prepared
 * @throws STAGE_STALE when they were prepared with another config
 * @throws NON_FINITE, INTERRUPTED, DATA_EMPTY as `train`
 */
export async function trainStage(options: TrainStageOptions): Promise<StageResult> {
  const { loaded, preparedDir, dir, force } = options;
  const { model, train: trainConfig, seed } = loaded.config;
  await assertStageMatches(preparedDir, { sections: stageSections(loaded.config) });
  const definition = {
    name: 'train',
    config: { model, train: trainConfig, seed },
    inputs: { prepare: preparedDir },
    packages: ['@assay/training', '@assay/models', '@assay/graph'],
    engine: describeEngine().name,
  };
  return runStage(dir, definition, (context) => runTraining(options, context), { force });
}

async function runTraining(
  options: TrainStageOptions,
  { outDir, workDir }: StageContext,
): Promise<Record<string, unknown>> {
  const { loaded, preparedDir, force, signal, progress, logger } = options;
  const environment = await trainingEnvironment(dirname(loaded.path)); // of the start: the tree may change meanwhile
  const data = await PreparedData.open(preparedDir);
  const model = modelFor(loaded, data);
  const checkpointPath = join(workDir, 'checkpoint.safetensors');
  if (force === true) await rm(checkpointPath, { force });
  const epochs = train({
    model,
    data,
    config: loaded.config.train,
    classCounts: classCountsOf(data),
    seed: loaded.config.seed,
    checkpointPath,
    onResume: options.onResume,
    signal,
    progress,
    logger,
  });
  let next = await epochs.next();
  for (; next.done !== true; next = await epochs.next()) options.onEpoch?.(next.value);
  const trained = next.value;
  await exportModel({ model, weights: trained.weights, data, dir: outDir });
  for (const name of ['preprocessor.json', 'labels.json'])
    await copyFile(join(preparedDir, name), join(outDir, name));
  await writeFile(join(outDir, 'history.json'), `${JSON.stringify(trained.history, null, 2)}\n`);
  await writeFile(join(outDir, 'environment.json'), `${JSON.stringify(environment, null, 2)}\n`);
  return summaryOf(model, trained);
}

/** Commit, packages and machine, and what the engine computes on; a model's lineage repeats them. */
async function trainingEnvironment(folder: string) {
  const { hardware, ...present } = await describeRunEnvironment(folder);
  return { ...present, hardware: { device: describeEngine().device, ...hardware } };
}

function modelFor({ config }: LoadedConfig, { preprocessor, labels }: PreparedData): Model {
  return createModel({
    model: config.model,
    inputs: preprocessor.inputSpecs,
    vocabularySize: preprocessor.vocabularySize,
    categorySizes: preprocessor.categorySizes,
    labels: { kind: labels.kind, names: labels.names },
  });
}

/** Known and positive labels of the training split, per class. */
function classCountsOf(data: PreparedData): ClassCount[] {
  const counts = data.labels.names.map((): ClassCount => ({ known: 0, positive: 0 }));
  for (const { labels } of data.keys('train')) {
    for (const [k, label] of labels.entries()) {
      const count = counts[k];
      if (count === undefined || label === null) continue;
      count.known += 1;
      count.positive += label;
    }
  }
  return counts;
}

function summaryOf(model: Model, { history, bestEpoch }: TrainedModel): Record<string, unknown> {
  const best = history[bestEpoch - 1];
  return {
    model: model.name,
    numParameters: model.numParameters,
    device: describeEngine().device,
    epochs: history.length,
    bestEpoch,
    validationLoss: best?.validationLoss ?? null,
    validationAveragePrecision: best?.meanAveragePrecision ?? null,
  };
}
