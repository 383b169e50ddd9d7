import { AssayError } from '@assay/core';
import type { FeedType } from '../data-types.js';
import type { SessionResult } from '../graph-session.js';
import type { FetchedOutput } from './emission.js';

/** A value of any shape that a program gives. */
export interface ProgramOutput {
  dtype: FeedType;
  shape: number[];
  /** Row-major; the caller's. */
  data: Float32Array | Int32Array;
}

export type ProgramOutputs = Record<string, ProgramOutput>;

export interface EvaluationResult {
  loss: number;
  metrics: Record<string, number>;
  outputs: ProgramOutputs;
}

export interface StepResult extends EvaluationResult {
  /** Global norm of the gradient before clipping; undefined when neither clipping nor the check for finite values needs it. */
  gradientNorm?: number;
}

/** Values by name, in order. */
export const named = (names: readonly string[], values: readonly number[]): Record<string, number> =>
  Object.fromEntries(names.map((name, i) => [name, values[i] ?? NaN]));

/** Outputs by name, from the results of their fetches in order. */
export function outputsOf(
  outputs: readonly FetchedOutput[],
  results: readonly SessionResult[],
): ProgramOutputs {
  return Object.fromEntries(
    outputs.map(({ name }, i) => {
      const { shape = [], data = new Float32Array() } = results[i] ?? {};
      return [name, { dtype: data instanceof Float32Array ? 'float32' : 'int32', shape, data }];
    }),
  );
}

/** Of the batches of one step: loss and metrics averaged over the rows, all else of the last batch. */
export function meanOf(results: readonly StepResult[], sizes: readonly number[]): StepResult {
  const [last] = results.slice(-1);
  if (last === undefined) throw new AssayError('INTERNAL', 'a step had no batch');
  const numRows = sizes.reduce((sum, size) => sum + size, 0);
  const mean = (valueOf: (result: StepResult) => number): number =>
    results.reduce((sum, result, i) => sum + (valueOf(result) * (sizes[i] ?? 0)) / numRows, 0);
  const metrics = Object.keys(last.metrics).map((name): [string, number] => [
    name,
    mean((result) => result.metrics[name] ?? NaN),
  ]);
  return { ...last, loss: mean(({ loss }) => loss), metrics: Object.fromEntries(metrics) };
}
