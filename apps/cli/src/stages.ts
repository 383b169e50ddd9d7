import type { LoadedConfig } from '@assay/config';
import { join } from 'node:path';
import { readJson, type StageResult } from '@assay/core';
import type { Figure, Report } from '@assay/evaluation';
import type { Published } from '@assay/registry';
import type { MlflowClient } from 'mlflow-client-ts';
import { actor } from './actor.js';
import { note } from './output.js';
import { stageDir } from './workspace.js';

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
    onResume: (epochs) => note(`train: continuing after epoch ${epochs}`),
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

/** Makes a hashed bundle of the evaluated model and registers it, whatever its verdict is. */
export async function publish({
  loaded,
  client,
  force = false,
}: StageOptions & { client: MlflowClient }): Promise<Published & { verdict: string }> {
  const { assembleBundle, publish: register } = await import('@assay/registry');
  const { readReport } = await import('@assay/evaluation');
  const { name, publish: settings } = loaded.config;
  const [preparedDir, trainDir, evaluateDir] = [
    stageDir(name, 'prepare'),
    stageDir(name, 'train'),
    stageDir(name, 'evaluate'),
  ];
  const { bundleDir } = await assembleBundle({
    loaded,
    preparedDir,
    trainDir,
    evaluateDir,
    dir: stageDir(name, 'publish'),
    force,
  });
  const report = await readReport(evaluateDir);
  const published = await register({
    client,
    bundleDir,
    experiment: settings.experiment ?? name,
    registeredModel: settings.registeredModel ?? name,
    history: await readCurves(trainDir),
    metrics: testMetrics(report),
    actor: actor(),
  });
  return { ...published, verdict: report.verdict.verdict };
}

/** Numbers of each epoch; what is no number, or nested, is left out. */
async function readCurves(trainDir: string): Promise<{ epoch: number; metrics: Record<string, number> }[]> {
  const rows = (await readJson(join(trainDir, 'history.json'))) as ({ epoch: number } & Record<
    string,
    unknown
  >)[]; // its bytes are checked by the manifest
  return rows.map(({ epoch, ...figures }) => ({ epoch, metrics: numbersOf(figures) }));
}

/** `{ a: 1, b: { c: 2 } }` → `{ a: 1, 'b/c': 2 }`. */
function numbersOf(value: Record<string, unknown>, prefix = ''): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'number') out[`${prefix}${key}`] = member;
    else if (member !== null && typeof member === 'object')
      Object.assign(out, numbersOf(member as Record<string, unknown>, `${prefix}${key}/`)); // an object has string keys
  }
  return out;
}

function testMetrics({ policies, mean, multiClass, binary }: Report): Record<string, number> {
  const figures: Record<string, Figure> = {
    'test/mean/averagePrecision': mean.averagePrecision,
    'test/mean/auroc': mean.auroc,
  };
  for (const { policy, averagePrecision, auroc, precision, recall } of policies) {
    for (const [metric, figure] of Object.entries({ averagePrecision, auroc, precision, recall }))
      figures[`test/${policy}/${metric}`] = figure;
  }
  if (multiClass !== null)
    Object.assign(figures, { 'test/accuracy': multiClass.accuracy, 'test/macroF1': multiClass.macroF1 });
  if (binary !== null) Object.assign(figures, { 'test/accuracy': binary.accuracy, 'test/f1': binary.f1 });
  return Object.fromEntries(
    Object.entries(figures).flatMap(([key, { value }]) => (value === null ? [] : [[key, value]])),
  );
}
