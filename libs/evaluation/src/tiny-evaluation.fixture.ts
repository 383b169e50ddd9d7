import { mkdirSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, type LoadedConfig } from '@assay/config';
import { readJson, runStage } from '@assay/core';
import { prepareStage } from '@assay/data';
import { traceFunction, writeSavedModel } from '@assay/graph';
import { tf } from '@assay/tensorflow';
import { distinctName } from '@assay/testing';
import { evaluateStage } from './evaluate-stage.js';
import type { Report } from './report.js';

/** A row of the source: its split, price, shop, and whether it is a violation. */
export type Row = [split: 'train' | 'validation' | 'test', price: number, shop: string, y: 0 | 1];

const INPUTS = {
  token_BL: { dtype: 'int32', shape: ['B', 4] },
  numeric_BF: { dtype: 'float32', shape: ['B', 2] },
  present_BM: { dtype: 'float32', shape: ['B', 3] },
} as const;

/** Logit of the first class: twice the standardised price where the numbers are shown; of a second class: its negative. */
function forward(
  { weight_FK }: { weight_FK: tf.Tensor },
  inputs: Record<string, tf.Tensor>,
): { logit_BK: tf.Tensor } {
  const tabular_B1 = inputs['present_BM']!.slice([0, 2], [-1, 1]);
  const unused_B1 = inputs['token_BL']!.cast('float32').sum(1, true).mul(0);
  const logit_BK = tf.matMul(inputs['numeric_BF'] as tf.Tensor2D, weight_FK);
  return { logit_BK: logit_BK.mul(tabular_B1).add(unused_B1) };
}

const pipeline = (kind: 'multi-label' | 'multi-class', extra: string): string => `
schemaVersion: 1
name: tiny
description: Tiny.
seed: 2
data:
  root: .
  source: { path: rows.csv }
  columns: { id: id, text: { title: title }, numeric: [price], group: shop }
  labels: ${
    kind === 'multi-label'
      ? '{ kind: multi-label, policies: [{ name: fraud, column: y }] }'
      : '{ kind: multi-class, column: kind, classes: [{ name: fraud }, { name: fine }] }'
  }
  split: { strategy: column, column: split, train: [train], validation: [validation], test: [test] }
preprocess:
  text: { fields: [title], wordNgrams: [1, 1], charNgrams: null, buckets: 11, maxTokens: 4 }
  numeric: { scaling: standard }
model: { text: { dim: 2 }, tabular: {} }
evaluate:
  operatingPoint: { minPrecision: 0.5, confidence: 0.6, reviewRecall: 0.9 }
  gates: [{ policy: mean, metric: averagePrecision, atLeast: 0.1 }]
${extra}`;

export interface Evaluated {
  dir: string;
  report: Report;
}

interface Tiny {
  kind?: 'multi-label' | 'multi-class';
  /** More of the pipeline file. */
  extra?: string;
  allowLeak?: boolean;
}

/** A source, and a model whose scores rise with the price; `evaluate` runs the real stages over both. */
export class TinyEvaluation {
  readonly loaded: LoadedConfig;
  readonly #dir: string;
  readonly #tiny: Tiny;

  constructor(dir: string, rows: readonly Row[], tiny: Tiny = {}) {
    this.#dir = dir;
    this.#tiny = tiny;
    mkdirSync(dir, { recursive: true });
    const lines = rows.map(
      ([split, price, shop, y], i) =>
        `r${i},a ${distinctName(i)},${price},${shop},${y},${y === 1 ? 'fraud' : 'fine'},${split}`,
    );
    writeFileSync(join(dir, 'rows.csv'), `id,title,price,shop,y,kind,split\n${lines.join('\n')}\n`);
    writeFileSync(join(dir, 'pipeline.yaml'), pipeline(tiny.kind ?? 'multi-label', tiny.extra ?? ''));
    this.loaded = loadConfig(join(dir, 'pipeline.yaml'));
  }

  async prepare(): Promise<void> {
    await prepareStage({
      loaded: this.loaded,
      dir: join(this.#dir, 'prepare'),
      progress: 'silent',
      allowLeak: this.#tiny.allowLeak ?? false,
    });
  }

  async train(): Promise<void> {
    const { model, train, seed } = this.loaded.config;
    const preparedDir = join(this.#dir, 'prepare');
    const definition = {
      name: 'train',
      config: { model, train, seed },
      inputs: { prepare: preparedDir },
      packages: [],
      engine: 'test',
    };
    await runStage(join(this.#dir, 'train'), definition, async ({ outDir }) => {
      const weights =
        this.#tiny.kind === 'multi-class'
          ? [
              [2, -2],
              [0, 0],
            ]
          : [[2], [0]];
      const weight_FK = tf.tensor2d(weights);
      await writeSavedModel(
        join(outDir, 'saved_model'),
        traceFunction(forward, { inputs: INPUTS, parameters: { weight_FK } }),
      );
      weight_FK.dispose();
      await copyFile(join(preparedDir, 'labels.json'), join(outDir, 'labels.json'));
      return {};
    });
  }

  async evaluate(): Promise<Evaluated> {
    const { dir } = await evaluateStage({
      loaded: this.loaded,
      preparedDir: join(this.#dir, 'prepare'),
      trainDir: join(this.#dir, 'train'),
      dir: join(this.#dir, 'evaluate'),
    });
    return { dir, report: (await readJson(join(dir, 'report.json'))) as Report }; // just written by the stage
  }

  async run(): Promise<Evaluated> {
    await this.prepare();
    await this.train();
    return this.evaluate();
  }
}
