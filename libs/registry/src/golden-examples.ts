import { AssayError } from '@assay/core';
import type { PreparedData } from '@assay/data';
import type { ModelInputs } from '@assay/preprocess';
import type { Infer, ModelOutput } from './golden.js';
import { concatenateInputs, takeRow } from './input-rows.js';

const NUM_EXAMPLES = 12;
/** Enough to cover the range of scores without scoring a large test split again. */
const MAX_CANDIDATES = 1024;

interface Candidate {
  id: string;
  inputs: ModelInputs;
  /** Highest logit of the record. */
  score: number;
}

/**
 * Positions of `count` values that are evenly spread over the sorted order, the lowest and the highest among them.
 *
 * @returns positions in `scores`, by rising score; fewer when there are fewer scores
 */
export function spreadOver(scores: readonly number[], count: number): number[] {
  const order = scores.map((_, index) => index).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
  if (order.length <= count) return order;
  const positions = Array.from({ length: count }, (_, i) =>
    Math.round((i * (order.length - 1)) / (count - 1)),
  );
  return positions.flatMap((position) => order[position] ?? []);
}

/**
 * Picks test records whose scores cover the whole range, and runs the model on them as one batch.
 *
 * @throws DATA_EMPTY when the test split has no records
 */
export async function pickGoldenExamples(
  prepared: PreparedData,
  infer: Infer,
): Promise<{ ids: string[]; inputs: ModelInputs; logit_BK: ModelOutput }> {
  const candidates = await scoreCandidates(prepared, infer);
  const chosen = spreadOver(
    candidates.map(({ score }) => score),
    NUM_EXAMPLES,
  ).flatMap((index) => candidates[index] ?? []);
  if (chosen.length === 0)
    throw new AssayError(
      'DATA_EMPTY',
      'The test split has no records, so there are no golden examples. Fix: change data.split.',
    );
  const inputs = concatenateInputs(chosen.map((candidate) => candidate.inputs));
  return { ids: chosen.map(({ id }) => id), inputs, logit_BK: logitsOf(await infer(inputs)) };
}

async function scoreCandidates(prepared: PreparedData, infer: Infer): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for await (const { ids, inputs } of prepared.batches('test', { batchSize: 64 })) {
    const { data, shape } = logitsOf(await infer(inputs));
    const numClasses = shape[1] ?? 1;
    for (const [row, id] of ids.entries()) {
      const score = Math.max(...data.subarray(row * numClasses, (row + 1) * numClasses));
      candidates.push({ id, inputs: takeRow(inputs, row), score });
    }
    if (candidates.length >= MAX_CANDIDATES) break;
  }
  return candidates;
}

export function logitsOf(outputs: Record<string, ModelOutput>): ModelOutput {
  const logit_BK = outputs['logit_BK'];
  if (logit_BK?.shape.length === 2) return logit_BK;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `The model has no output logit_BK of two axes; it has ${Object.keys(outputs).join(', ') || 'none'}.`,
  );
}
