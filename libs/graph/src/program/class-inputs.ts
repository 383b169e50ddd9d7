import type { MergedRecording } from '../merge-recordings.js';
import { inputBehind, PASSES } from './id-limits.js';

/** The maximum with 0 takes unknown classes, below 0, away. */
const BETWEEN = new Set([...PASSES, 'Maximum']);

/**
 * Inputs that are taken as classes as they are, by `softmaxCrossEntropy`: the kernel names a class that the logits lack, and
 * not where it was fed.
 */
export function classInputs(recording: MergedRecording): string[] {
  return recording.operations.flatMap(({ op, inputs }) => {
    const input =
      op === 'SparseSoftmaxCrossEntropyWithLogits' ? inputBehind(inputs[1], recording, BETWEEN) : undefined;
    return input === undefined ? [] : [input];
  });
}
