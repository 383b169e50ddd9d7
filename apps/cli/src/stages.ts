import type { LoadedConfig } from '@assay/config';
import type { StageResult } from '@assay/core';
import type { Published } from '@assay/registry';
import type { MlflowClient } from 'mlflow-client-ts';
import { stageDir, workspaceRoot } from './workspace.js';

export interface StageOptions {
  loaded: LoadedConfig;
  signal: AbortSignal;
  /** Run even if the result is there already. */
  force?: boolean;
}

/** Reads, checks, splits and encodes the records of a pipeline. */
export async function prepare({
  loaded,
  signal,
  force = false,
  allowLeak = false,
}: StageOptions & { allowLeak?: boolean }): Promise<StageResult> {
  const { prepareStage } = await import('@assay/data');
  return prepareStage({ loaded, dir: stageDir(loaded.config.name, 'prepare'), force, allowLeak, signal });
}

/** Trains the model of a pipeline on its prepared records. */
export async function train({ loaded, signal, force = false }: StageOptions): Promise<StageResult> {
  const { trainStage } = await import('@assay/training');
  const { name } = loaded.config;
  return trainStage({
    loaded,
    preparedDir: stageDir(name, 'prepare'),
    dir: stageDir(name, 'train'),
    force,
    signal,
  });
}

/** Measures the trained model, chooses its thresholds and applies the gates. */
export async function evaluate({ loaded, signal, force = false }: StageOptions): Promise<StageResult> {
  const { evaluateStage } = await import('@assay/evaluation');
  const { name } = loaded.config;
  const inputs = { preparedDir: stageDir(name, 'prepare'), trainDir: stageDir(name, 'train') };
  return evaluateStage({ loaded, ...inputs, dir: stageDir(name, 'evaluate'), force, signal });
}

/** Makes a hashed bundle of the evaluated model and registers it. */
export async function publish({
  loaded,
  signal,
  client,
}: StageOptions & { client: MlflowClient }): Promise<Published> {
  const { publishStage } = await import('@assay/registry');
  const { name } = loaded.config;
  return publishStage({
    loaded,
    client,
    preparedDir: stageDir(name, 'prepare'),
    trainDir: stageDir(name, 'train'),
    evaluateDir: stageDir(name, 'evaluate'),
    dir: stageDir(name, 'publish'),
    workspaceRoot: workspaceRoot(),
    signal,
  });
}
