import { Random } from '@assay/core';
import type { LoaderSettings } from '@assay/data';
import { createModel, type Model } from '@assay/models';
import { inBatches, PlainLoader } from './plain-loader.fixture.js';
import type { TrainingData, TrainingLoader, TrainOptions } from './train.js';
import type { TrainingBatch } from './training-session.js';

const NUM_TOKENS = 6;
const VOCABULARY = 21;
const ROWS = { train: 70, validation: 40 };

/** Records of six tokens; the policy `low` holds when token 1 or 2 is among them. */
export class TinyTask implements TrainingData {
  /** Weight of every record. */
  weight = 1;

  numRows(split: 'train' | 'validation'): number {
    return ROWS[split];
  }

  batches(split: 'train' | 'validation', { batchSize }: { batchSize: number }): Iterable<TrainingBatch> {
    return inBatches(ROWS[split], batchSize, null, (rows) => this.#batch(split, rows));
  }

  openLoader(split: 'train', settings: LoaderSettings): TrainingLoader {
    return new PlainLoader(ROWS[split], settings, (rows) => this.#batch(split, rows));
  }

  #batch(split: string, rows: number[]): TrainingBatch {
    const tokens = rows.map((row) => {
      const random = new Random(5, `${split}/${row}`);
      return Array.from({ length: NUM_TOKENS }, () => 1 + random.integer(VOCABULARY - 1));
    });
    const size = rows.length;
    return {
      size,
      ids: rows.map((row) => `${split}-${row}`),
      inputs: {
        token_BL: { dtype: 'int32', shape: [size, NUM_TOKENS], data: Int32Array.from(tokens.flat()) },
        mask_BL: {
          dtype: 'float32',
          shape: [size, NUM_TOKENS],
          data: new Float32Array(size * NUM_TOKENS).fill(1),
        },
        present_BM: {
          dtype: 'float32',
          shape: [size, 3],
          data: Float32Array.from(rows.flatMap(() => [1, 0, 0])),
        },
      },
      label_BK: Float32Array.from(tokens, (row) => (row.some((token) => token <= 2) ? 1 : 0)),
      labelKnown_BK: new Float32Array(size).fill(1),
      weight_B: new Float32Array(size).fill(this.weight),
    };
  }
}

export function tinyModel(): Model {
  return createModel({
    model: {
      text: { encoder: 'embedding-bag', dim: 8 },
      fusion: 'concat',
      hiddenDim: 16,
      dropout: 0.1,
      modalityDropout: 0.2,
    },
    inputs: {
      token_BL: { dtype: 'int32', shape: [NUM_TOKENS] },
      mask_BL: { dtype: 'float32', shape: [NUM_TOKENS] },
      present_BM: { dtype: 'float32', shape: [3] },
    },
    vocabularySize: VOCABULARY,
    categorySizes: [],
    labels: { kind: 'multi-label', names: ['low'] },
  });
}

export function tinyOptions(changes: Partial<TrainOptions['config']> = {}): TrainOptions {
  return {
    model: tinyModel(),
    data: new TinyTask(),
    config: {
      batchSize: 8,
      maxEpochs: 12,
      lr: 0.02,
      warmupFraction: 0.05,
      weightDecay: 0.01,
      clipNorm: 1,
      patience: 12,
      monitor: 'averagePrecision',
      sampling: 'natural',
      bucketByLength: false,
      augment: null,
      classWeighting: 'none',
      ...changes,
    },
    classCounts: [{ known: 70, positive: 30 }],
    seed: 3,
    progress: 'silent',
  };
}
