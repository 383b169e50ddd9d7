import { Random } from '@assay/core';
import type { LoaderSettings } from '@assay/data';
import { createModel } from '@assay/models';
import { inBatches, PlainLoader } from './plain-loader.fixture.js';
import type { TrainingData, TrainingLoader, TrainOptions } from './train.js';
import type { TrainingBatch } from './training-session.js';

/** Classes of the records: 8, 4 and 2 of 14, so that balanced weights are 14/24, 14/12 and 14/6. */
const CLASSES = {
  train: [0, 0, 1, 0, 2, 0, 1, 0, 0, 1, 0, 2, 1, 0],
  validation: [2, 1, 2, 2, 1, 0, 2, 1, 2, 2],
};
export const BALANCED_K = [14 / 24, 14 / 12, 14 / 6];
export const STEPS_PER_EPOCH = 4; // 14 records in batches of 4, the last of 2

type SplitName = keyof typeof CLASSES;

/** L=3, I=1, H=6, W=8, C=3, F=2, K=3. In validation the classes are dealt otherwise, so that learning makes it worse. */
export class ThreeModalities implements TrainingData {
  numRows(split: SplitName): number {
    return CLASSES[split].length;
  }

  batches(split: SplitName, { batchSize }: { batchSize: number }): Iterable<TrainingBatch> {
    return inBatches(CLASSES[split].length, batchSize, null, (rows) => batchOf(split, rows));
  }

  openLoader(split: 'train', settings: LoaderSettings): TrainingLoader {
    return new PlainLoader(CLASSES[split].length, settings, (rows) => batchOf(split, rows));
  }
}

function batchOf(split: SplitName, rows: number[]): TrainingBatch {
  const size = rows.length;
  const randoms = rows.map((row) => new Random(7, `row/${row}`)); // the inputs of both splits are alike
  const draw = (length: number, one: (random: Random) => number): number[] =>
    randoms.flatMap((random) => Array.from({ length }, () => one(random)));
  return {
    size,
    ids: rows.map((row) => `${split}-${row}`),
    inputs: {
      token_BL: {
        dtype: 'int32',
        shape: [size, 3],
        data: Int32Array.from(draw(3, (random) => 1 + random.integer(10))),
      },
      mask_BL: { dtype: 'float32', shape: [size, 3], data: new Float32Array(size * 3).fill(1) },
      image_BIHWC: {
        dtype: 'uint8',
        shape: [size, 1, 6, 8, 3],
        data: Uint8Array.from(draw(144, (random) => random.integer(256))),
      },
      imageMask_BI: { dtype: 'float32', shape: [size, 1], data: new Float32Array(size).fill(1) },
      numeric_BF: {
        dtype: 'float32',
        shape: [size, 2],
        data: Float32Array.from(draw(2, (random) => random.normal())),
      },
      present_BM: { dtype: 'float32', shape: [size, 3], data: new Float32Array(size * 3).fill(1) },
    },
    label_BK: Float32Array.from(
      rows.flatMap((row) => [0, 1, 2].map((k) => Number(CLASSES[split][row] === k))),
    ),
    labelKnown_BK: new Float32Array(size * 3).fill(1),
    weight_B: new Float32Array(size).fill(1),
  };
}

/** A model without any dropout, trained by balanced loss. */
export function threeOptions(
  changes: Partial<TrainOptions['config']> = {},
  modelChanges: Partial<TrainOptions['model']['architecture']['model']> = {},
): TrainOptions {
  const data = new ThreeModalities();
  return {
    model: createModel({
      model: {
        text: { encoder: 'embedding-bag', dim: 4 },
        image: { encoder: 'small-conv', channels: [5] },
        tabular: { dim: 4, categoryDim: 2 },
        fusion: 'concat',
        hiddenDim: 9,
        dropout: 0,
        modalityDropout: 0,
        ...modelChanges,
      },
      inputs: {
        token_BL: { dtype: 'int32', shape: [3] },
        mask_BL: { dtype: 'float32', shape: [3] },
        image_BIHWC: { dtype: 'uint8', shape: [1, 6, 8, 3] },
        imageMask_BI: { dtype: 'float32', shape: [1] },
        numeric_BF: { dtype: 'float32', shape: [2] },
        present_BM: { dtype: 'float32', shape: [3] },
      },
      vocabularySize: 11,
      categorySizes: [],
      labels: { kind: 'multi-class', names: ['a', 'b', 'c'] },
    }),
    data,
    config: {
      batchSize: 4,
      maxEpochs: 4,
      lr: 0.01,
      warmupFraction: 0.25,
      weightDecay: 0.01,
      clipNorm: 1,
      patience: 4,
      monitor: 'loss',
      sampling: 'natural',
      bucketByLength: false,
      augment: null,
      classWeighting: 'balanced',
      ...changes,
    },
    classCounts: [8, 4, 2].map((positive) => ({ known: 14, positive })),
    seed: 4,
    progress: 'silent',
  };
}
