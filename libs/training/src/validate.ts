import { averagePrecision } from '@assay/evaluation';
import { throwIfInterrupted } from '@assay/core';
import { meanOfKnown, type EpochLog } from './epoch-log.js';
import type { TrainingBatch, TrainingSession } from './training-session.js';

type ValidationFigures = Pick<EpochLog, 'validationLoss' | 'averagePrecision' | 'meanAveragePrecision'>;

/** Scores, labels and weights of one class, known labels only. */
interface ClassScores {
  scores: number[];
  labels: number[];
  weights: number[];
}

/**
 * Loss and average precision over a split, without dropout.
 *
 * @param batches of the split, in any order
 * @param names of the classes on the axis K
 * @throws INTERRUPTED when the signal is aborted
 */
export async function validate(
  session: TrainingSession,
  batches: AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ValidationFigures> {
  const classes = names.map((): ClassScores => ({ scores: [], labels: [], weights: [] }));
  let lossSum = 0;
  let weightSum = 0;
  for await (const batch of batches) {
    throwIfInterrupted(signal);
    const { score_BK, loss, weight } = session.predict(batch);
    lossSum += loss * weight;
    weightSum += weight;
    collect(classes, batch, score_BK);
  }
  const figures = classes.map(({ scores, labels, weights }) => averagePrecision(scores, labels, weights));
  return {
    validationLoss: weightSum > 0 ? lossSum / weightSum : 0,
    averagePrecision: Object.fromEntries(names.map((name, k) => [name, figures[k] ?? null])),
    meanAveragePrecision: meanOfKnown(figures),
  };
}

function collect(
  classes: readonly ClassScores[],
  { label_BK, labelKnown_BK, weight_B }: TrainingBatch,
  score_BK: Float32Array,
): void {
  for (const [i, score] of score_BK.entries()) {
    const found = classes[i % classes.length];
    if (found === undefined || labelKnown_BK[i] !== 1) continue;
    found.scores.push(score);
    found.labels.push((label_BK[i] ?? 0) > 0.5 ? 1 : 0); // votes: the majority
    found.weights.push(weight_B[Math.floor(i / classes.length)] ?? 0);
  }
}
