import type { PreparedData, Split } from '@assay/data';
import type { SavedModelRunner } from '@assay/graph';
import { MODALITIES, pickInputs, type Modality, type ModelInputs } from '@assay/preprocess';
import { AssayError, throwIfInterrupted } from '@assay/core';

/** Scores of one split beside what is true of it. Matrices are row-major [N, K]. */
export interface ScoredSplit {
  ids: string[];
  logit_NK: Float32Array;
  label_NK: Float32Array;
  /** 1 where the label is known, else 0. */
  known_NK: Float32Array;
  weight_N: Float32Array;
  numClasses: number;
}

interface ScoreOptions {
  /** Modalities that the model may see; the others are marked absent. Default: all. */
  only?: readonly Modality[];
  batchSize?: number;
  signal?: AbortSignal;
}

/**
 * Runs the inference graph, the one that is served, over a split.
 *
 * @throws DATA_EMPTY when the split has no records
 * @throws NON_FINITE when a logit is NaN or infinite
 */
export async function scoreSplit(
  runner: SavedModelRunner,
  data: PreparedData,
  split: Split,
  { only = MODALITIES, batchSize = 128, signal }: ScoreOptions = {},
): Promise<ScoredSplit> {
  const numRows = data.numRows(split);
  const numClasses = data.labels.names.length;
  if (numRows === 0)
    throw new AssayError(
      'DATA_EMPTY',
      `The split '${split}' holds no records, so nothing can be measured on it. Fix: change data.split.`,
    );
  const matrix = (): Float32Array => new Float32Array(numRows * numClasses);
  const scored: ScoredSplit = {
    ids: [],
    logit_NK: matrix(),
    label_NK: matrix(),
    known_NK: matrix(),
    weight_N: new Float32Array(numRows),
    numClasses,
  };
  for await (const batch of data.batches(split, { batchSize })) {
    throwIfInterrupted(signal);
    const row = scored.ids.length;
    const { logit_BK } = runner.run(pickInputs(runner.inputs, showOnly(batch.inputs, only)));
    if (logit_BK === undefined)
      throw new AssayError(
        'FILE_CORRUPT',
        `${runner.dir} has no output logit_BK. Fix: train again with --force.`,
      );
    const bad = logit_BK.data.findIndex((logit) => !Number.isFinite(logit));
    if (bad >= 0)
      throw new AssayError(
        'NON_FINITE',
        `The model gives ${logit_BK.data[bad]} for record '${batch.ids[Math.floor(bad / numClasses)]}' of ${split}; its figures would mean nothing. Fix: train again with a lower learning rate.`,
      );
    scored.logit_NK.set(logit_BK.data, row * numClasses);
    scored.label_NK.set(batch.label_BK, row * numClasses);
    scored.known_NK.set(batch.labelKnown_BK, row * numClasses);
    scored.weight_N.set(batch.weight_B, row);
    scored.ids.push(...batch.ids);
  }
  return scored;
}

/** Marks every other modality absent; the model ignores the features of an absent one. */
function showOnly(inputs: ModelInputs, only: readonly Modality[]): ModelInputs {
  const present = inputs.present_BM;
  if (present === undefined || only.length === MODALITIES.length) return inputs;
  const data = Float32Array.from(present.data, (bit, i) =>
    only.includes(MODALITIES[i % MODALITIES.length] ?? 'text') ? bit : 0,
  );
  return { ...inputs, present_BM: { ...present, data } };
}

/** Column k of a row-major [N, K] matrix. */
export function column(matrix_NK: ArrayLike<number>, k: number, numClasses: number): Float64Array {
  return Float64Array.from(
    { length: matrix_NK.length / numClasses },
    (_, n) => matrix_NK[n * numClasses + k] ?? 0,
  );
}
