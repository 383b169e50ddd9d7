import { averagePrecision } from '@assay/evaluation';
import { throwIfInterrupted } from '@assay/core';
import { meanOfKnown, type EpochLog } from './epoch-log.js';
import { addLoss, meanOfLoss, noLoss } from './loss-sum.js';
import type { TrainingBatch, TrainingSession } from './training-session.js';

type ValidationFigures = Pick<EpochLog, 'validationLoss' | 'averagePrecision' | 'meanAveragePrecision'>;

/** Scores, labels and weights of one class, of the records whose label is known and counts. */
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
  session: Pick<TrainingSession, 'predict'>,
  batches: AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ValidationFigures> {
  const classes = names.map((): ClassScores => ({ scores: [], labels: [], weights: [] }));
  let total = noLoss();
  for await (const batch of batches) {
    throwIfInterrupted(signal);
    const { score_BK, loss } = session.predict(batch);
    total = addLoss(total, loss);
    collect(classes, batch, score_BK);
  }
  const figures = classes.map(averagePrecisionOf);
  return {
    validationLoss: meanOfLoss(total),
    averagePrecision: Object.fromEntries(names.map((name, k) => [name, figures[k] ?? null])),
    meanAveragePrecision: meanOfKnown(figures),
  };
}

/** Null unless positives and negatives are known: without negatives every order of the records scores 1. */
function averagePrecisionOf({ scores, labels, weights }: ClassScores): number | null {
  return new Set(labels).size < 2 ? null : averagePrecision(scores, labels, weights);
}

function collect(
  classes: readonly ClassScores[],
  { label_BK, labelKnown_BK, weight_B }: TrainingBatch,
  score_BK: Float32Array,
): void {
  for (const [i, score] of score_BK.entries()) {
    const found = classes[i % classes.length];
    const weight = weight_B[Math.floor(i / classes.length)] ?? 0;
    if (found === undefined || labelKnown_BK[i] !== 1 || weight === 0) continue;
    found.scores.push(score);
    found.labels.push((label_BK[i] ?? 0) >= 0.5 ? 1 : 0); // votes: the majority, a tie is a yes
    found.weights.push(weight);
  }
}
