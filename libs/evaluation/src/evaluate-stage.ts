import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stageSections, type LoadedConfig } from '@assay/config';
import {
  assertStageMatches,
  readJson,
  readManifest,
  runStage,
  type StageContext,
  type StageResult,
} from '@assay/core';
import { PreparedData, writeSafetensors, type LeakReport, type Split } from '@assay/data';
import { loadSavedModel, type SavedModelRunner } from '@assay/graph';
import type { OperatingPoints } from '@assay/policy';
import type { Modality } from '@assay/preprocess';
import { describeEngine } from '@assay/tensorflow';
import { buildReport, clustersOf } from './build-report.js';
import { chooseOperatingPoints } from './operating-points.js';
import { reportHtml } from './report-html.js';
import { scoreSplit, type ScoredSplit } from './score-split.js';

export interface EvaluateStageOptions {
  loaded: LoadedConfig;
  /** Directory of the finished prepare stage. */
  preparedDir: string;
  /** Directory of the finished train stage. */
  trainDir: string;
  /** Directory that the evaluation is written to. */
  dir: string;
  force?: boolean;
  signal?: AbortSignal;
}

/**
 * Measures a trained model. The temperature comes from the validation split, thresholds from the calibration split, every
 * figure from the test split.
 *
 * @returns the stage directory: `report.json`, `report.html`, `operating-points.json`, `calibration.json`, `verdict.json`,
 *   `predictions/{validation,calibration,test}.safetensors`
 * @throws STAGE_INPUT_MISSING when data are not prepared or no model is trained
 * @throws STAGE_STALE when the model was trained on other prepared data, or with other settings, than those given
 * @throws DATA_EMPTY when a split is empty
 * @throws NON_FINITE when the model gives a score that is no number
 * @throws INTERRUPTED when the signal is aborted
 */
export async function evaluateStage(options: EvaluateStageOptions): Promise<StageResult> {
  const { loaded, preparedDir, trainDir, dir, force = false } = options;
  const { evaluate, publish, name, description, seed } = loaded.config;
  const sections = stageSections(loaded.config);
  await assertStageMatches(preparedDir, { sections });
  await assertStageMatches(trainDir, { sections, inputs: { prepare: preparedDir } });
  const definition = {
    name: 'evaluate',
    config: { evaluate, policyVersions: publish.policyVersions, name, description, seed },
    inputs: { prepare: preparedDir, train: trainDir },
    packages: ['@assay/evaluation'],
    engine: describeEngine().name,
  };
  return runStage(dir, definition, (context) => runEvaluation(options, context), { force });
}

async function runEvaluation(
  { loaded, preparedDir, trainDir, signal }: EvaluateStageOptions,
  { outDir }: StageContext,
): Promise<Record<string, unknown>> {
  const { config } = loaded;
  const data = await PreparedData.open(preparedDir);
  const { digest: modelDigest } = await readManifest(trainDir);
  const runner = loadSavedModel(join(trainDir, 'saved_model'));
  try {
    const abort = signal === undefined ? {} : { signal };
    const validation = await scoreSplit(runner, data, 'validation', abort);
    const calibration = await scoreSplit(runner, data, 'calibration', abort);
    const test = await scoreSplit(runner, data, 'test', abort);
    const { kind, names } = data.labels;
    const points = chooseOperatingPoints(
      { validation, calibration },
      {
        kind,
        names,
        policyVersions: config.publish.policyVersions,
        target: config.evaluate.operatingPoint,
        calibrationClusters: clustersOf(data.records('calibration')),
      },
    );
    const partial = await scoreParts(runner, data, modalitiesOf(loaded), abort);
    const leaks = (await readJson(join(preparedDir, 'leak.json'))) as LeakReport; // its bytes are checked by the manifest of prepare
    const report = await buildReport({
      config,
      data,
      modelDigest,
      engine: describeEngine().name,
      points,
      calibration,
      test,
      partial,
      leaks,
      ...abort,
    });
    await writePredictions(outDir, { validation, calibration, test });
    const files: Record<string, unknown> = {
      'report.json': report,
      'operating-points.json': points,
      'calibration.json': temperaturesOf(points),
      'verdict.json': report.verdict,
    };
    for (const [name, value] of Object.entries(files))
      await writeFile(join(outDir, name), `${JSON.stringify(value, null, 2)}\n`);
    await writeFile(join(outDir, 'report.html'), await reportHtml(report));
    return { verdict: report.verdict.verdict, meanAveragePrecision: report.mean.averagePrecision.value };
  } finally {
    runner.dispose();
  }
}

const temperaturesOf = ({ policies }: OperatingPoints) => ({
  schemaVersion: 1,
  method: 'temperature',
  fittedOn: 'validation',
  temperatures: Object.fromEntries(policies.map(({ policy, temperature }) => [policy, temperature])),
});

const modalitiesOf = ({ config: { model } }: LoadedConfig): Modality[] =>
  (['text', 'image', 'tabular'] as const).filter((modality) => model[modality] !== undefined);

/** The test split seen through one modality at a time; nothing when the model has only one. */
async function scoreParts(
  runner: SavedModelRunner,
  data: PreparedData,
  modalities: readonly Modality[],
  abort: { signal?: AbortSignal },
): Promise<{ shown: string; scored: ScoredSplit }[]> {
  if (modalities.length < 2) return [];
  const parts: { shown: string; scored: ScoredSplit }[] = [];
  for (const modality of modalities) {
    parts.push({
      shown: `${modality} only`,
      scored: await scoreSplit(runner, data, 'test', { ...abort, only: [modality] }),
    });
  }
  return parts;
}

async function writePredictions(outDir: string, splits: Partial<Record<Split, ScoredSplit>>): Promise<void> {
  await mkdir(join(outDir, 'predictions'));
  for (const [split, { ids, logit_NK, label_NK, known_NK, weight_N, numClasses }] of Object.entries(splits)) {
    const shape = [ids.length, numClasses];
    await writeSafetensors(join(outDir, 'predictions', `${split}.safetensors`), {
      logit_NK: { dtype: 'F32', shape, data: logit_NK },
      label_NK: { dtype: 'F32', shape, data: label_NK },
      known_NK: { dtype: 'F32', shape, data: known_NK },
      weight_N: { dtype: 'F32', shape: [ids.length], data: weight_N },
    });
  }
}
