import { mkdirSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, type LoadedConfig } from '@assay/config';
import { runStage, sha256OfJson } from '@assay/core';
import { prepareStage, writeSafetensors } from '@assay/data';
import { traceFunction, writeSavedModel } from '@assay/graph';
import type { OperatingPoints } from '@assay/policy';
import { tf } from '@assay/tensorflow';
import { assembleBundle, type AssembledBundle, type AssembleOptions } from './assemble-bundle.js';

/** A pipeline with text and a price, two policies, and nothing more than it must have. */
export const TINY_PIPELINE = `
schemaVersion: 1
name: tiny
description: Tiny listings.
seed: 3
data:
  root: .
  source: { path: listings.csv }
  columns:
    id: id
    text: { title: title }
    numeric: [price]
  labels:
    kind: multi-label
    policies:
      - { name: weapons, column: weapons }
      - { name: fraud, column: fraud }
  split: { strategy: group, fractions: { train: 0.5, validation: 0.2, test: 0.3 } }
preprocess:
  text: { fields: [title], wordNgrams: [1, 1], charNgrams: null, buckets: 11, maxTokens: 3 }
model:
  text: { dim: 2 }
  tabular: {}
`;

const INPUTS = {
  token_BL: { dtype: 'int32', shape: ['B', 3] },
  mask_BL: { dtype: 'float32', shape: ['B', 3] },
  numeric_BF: { dtype: 'float32', shape: ['B', 2] },
} as const;

/** logit_BK = [sum of the kept token ids · 0.3 − 2, 1.5 · price − 0.5 · missing]; embedding_BF = numeric_BF. */
function forward(
  { weight_F1 }: { weight_F1: tf.Tensor },
  inputs: Record<string, tf.Tensor>,
): { logit_BK: tf.Tensor; embedding_BF: tf.Tensor } {
  const numeric_BF = inputs['numeric_BF']!;
  const kept_B1 = inputs['token_BL']!.cast('float32').mul(inputs['mask_BL']!).sum(1, true);
  const logit_BK = tf.concat(
    [kept_B1.mul(0.3).sub(2), tf.matMul(numeric_BF as tf.Tensor2D, weight_F1 as tf.Tensor2D)],
    1,
  );
  return { logit_BK, embedding_BF: numeric_BF.mul(1) };
}

const act = {
  threshold: 0.9,
  precision: 0.95,
  minPrecision: 0.9,
  confidence: 0.95,
  recall: 0.4,
  predicted: 40,
  correct: 38,
};
const point = { policyVersion: '1', temperature: 1, review: { threshold: 0.5, recall: 0.9 } };
const OPERATING_POINTS: OperatingPoints = {
  schemaVersion: 1,
  kind: 'multi-label',
  policies: [
    { ...point, policy: 'weapons', act, noActReason: null },
    { ...point, policy: 'fraud', act: null, noActReason: 'too few records' },
  ],
};

interface TinyChanges {
  /** Verdict of the evaluation; default a pass without leaks. */
  verdict?: { verdict: 'pass' | 'fail'; leaky: boolean; reasons: string[] };
  /** Weight of the price; another one makes another model. */
  priceWeight?: number;
}

/** Directories of the stages of a tiny pipeline, and its config. */
type TinyStages = Pick<AssembleOptions, 'loaded' | 'preparedDir' | 'trainDir' | 'evaluateDir' | 'dir'>;

/** Makes the stages of a tiny pipeline below a folder, and their bundle. */
export async function tinyBundle(
  dir: string,
  changes: TinyChanges = {},
): Promise<AssembledBundle & { loaded: LoadedConfig }> {
  const stages = await tinyStages(dir, changes);
  return { loaded: stages.loaded, ...(await assembleBundle(stages)) };
}

/** Runs the real prepare stage on 60 made-up rows, and writes what training and evaluation would write. */
export async function tinyStages(dir: string, changes: TinyChanges = {}): Promise<TinyStages> {
  mkdirSync(dir, { recursive: true });
  const rows = Array.from(
    { length: 60 },
    (_, i) =>
      `${i},${['brass lamp', 'old sword', 'wool hat'][i % 3]!} ${i},${i % 7 === 0 ? '' : i},${i % 3 === 1 ? 1 : 0},${i % 2}`,
  );
  writeFileSync(join(dir, 'listings.csv'), `id,title,price,weapons,fraud\n${rows.join('\n')}\n`);
  writeFileSync(join(dir, 'pipeline.yaml'), TINY_PIPELINE);
  const loaded = loadConfig(join(dir, 'pipeline.yaml'));
  const prepared = await prepareStage({ loaded, dir: join(dir, 'prepared'), progress: 'silent' });
  const trainDir = await trainTiny(join(dir, 'train'), { loaded, preparedDir: prepared.dir }, changes);
  const evaluateDir = await evaluateTiny(
    join(dir, 'evaluate'),
    { loaded, preparedDir: prepared.dir, trainDir },
    changes,
  );
  return { loaded, preparedDir: prepared.dir, trainDir, evaluateDir, dir: join(dir, 'bundle') };
}

export async function trainTiny(
  dir: string,
  { loaded, preparedDir }: Pick<TinyStages, 'loaded' | 'preparedDir'>,
  { priceWeight = 1.5 }: TinyChanges = {},
): Promise<string> {
  const { model, train, seed } = loaded.config;
  const definition = {
    name: 'train',
    config: { model, train, seed },
    sources: { priceWeight: sha256OfJson(priceWeight) },
    inputs: { prepare: preparedDir },
    packages: [],
    engine: 'tensorflow test',
  };
  const result = await runStage(dir, definition, async ({ outDir }) => {
    const weight_F1 = tf.tensor2d([[priceWeight], [-0.5]]);
    await writeSavedModel(
      join(outDir, 'saved_model'),
      traceFunction(forward, { inputs: INPUTS, parameters: { weight_F1 } }),
    );
    await writeSafetensors(join(outDir, 'model.safetensors'), {
      weight_F1: { dtype: 'F32', shape: [2, 1], data: Float32Array.of(priceWeight, -0.5) },
    });
    weight_F1.dispose();
    writeFileSync(join(outDir, 'model.json'), '{"schemaVersion":1,"name":"tiny"}\n');
    for (const file of ['preprocessor.json', 'labels.json'])
      await copyFile(join(preparedDir, file), join(outDir, file));
    return {};
  });
  return result.dir;
}

async function evaluateTiny(
  dir: string,
  { loaded, preparedDir, trainDir }: Pick<TinyStages, 'loaded' | 'preparedDir' | 'trainDir'>,
  { verdict = { verdict: 'pass', leaky: false, reasons: [] } }: TinyChanges,
): Promise<string> {
  const { evaluate, publish, seed } = loaded.config;
  const definition = {
    name: 'evaluate',
    config: { evaluate, policyVersions: publish.policyVersions, seed },
    sources: { verdict: sha256OfJson(verdict) },
    inputs: { prepare: preparedDir, train: trainDir },
    packages: [],
  };
  const result = await runStage(dir, definition, ({ outDir }) => {
    const files = {
      'operating-points.json': OPERATING_POINTS,
      'calibration.json': {},
      'report.json': {},
      'verdict.json': { ...verdict, gates: [] },
    };
    for (const [name, value] of Object.entries(files))
      writeFileSync(join(outDir, name), JSON.stringify(value));
    writeFileSync(join(outDir, 'report.html'), '<!doctype html><title>tiny</title>');
    return Promise.resolve({});
  });
  return result.dir;
}
