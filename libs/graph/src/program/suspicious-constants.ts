import { DATA_TYPE } from '../data-types.js';
import type { MergedRecording } from '../merge-recordings.js';
import { isFromUser, originOf } from '../origin.js';
import type { RecordedConstant, ValueRef } from '../recording.js';

/** Longest constant of different values that is taken for a shape, a kernel or the like. */
const MAX_PLAIN_LENGTH = 64;

/**
 * Constants of a trace that may be meant to change: data sized like a batch, and float numbers of the user's code that
 * are neither whole nor simple fractions, like a learning rate. Whatever is equal in all recordings is part of the graph.
 *
 * @param results what the function gives; constants that only new values of the state are made of, like the decay of a
 *   moving average, are left out
 * @returns one line each, with the place in the code
 */
export function suspiciousConstants(recording: MergedRecording, results: readonly ValueRef[]): string[] {
  const { constants } = recording;
  const operations = operationsBehind(recording, results);
  return constants.flatMap((constant, index) => {
    if (constant.kind !== 'fixed') return [];
    const what = describe(constant);
    // The stack last: it is formatted when it is read.
    if (what === undefined || !isFromUser(constant.stack)) return [];
    const user = operations.find(({ inputs }) =>
      inputs.some((ref) => ref.kind === 'constant' && ref.index === index),
    );
    return user === undefined
      ? []
      : [
          `${what}${originOf(constant.stack)} ${constant.values.length > 1 ? 'are' : 'is'} frozen into op '${user.op}'`,
        ];
  });
}

/** In any order. */
function operationsBehind(
  { operations }: MergedRecording,
  results: readonly ValueRef[],
): MergedRecording['operations'][number][] {
  const found = new Set<number>();
  const open = [...results];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (ref.kind !== 'operation' || found.has(ref.index)) continue;
    found.add(ref.index);
    open.push(...(operations[ref.index]?.inputs ?? []));
  }
  return operations.filter((_, index) => found.has(index));
}

function describe({ values, shape, dtype }: RecordedConstant): string | undefined {
  const [value = 0] = values;
  if (values.length > MAX_PLAIN_LENGTH && !values.every((other) => other === value))
    return `${values.length} values of shape [${shape.join(', ')}]`;
  return dtype === DATA_TYPE.float32 && values.length === 1 && !isSimple(value)
    ? `the number ${Number(value.toPrecision(6))}`
    : undefined;
}

/** Whole numbers, their inverses and halves, and powers of ten at or below 1e-5, which are small terms against zero. */
function isSimple(value: number): boolean {
  const whole = (x: number): boolean => Math.abs(x - Math.round(x)) < 1e-6 * Math.max(1, Math.abs(x));
  const magnitude = Math.abs(value);
  return (
    !Number.isFinite(value) ||
    whole(2 * value) ||
    (magnitude > 0 && whole(1 / magnitude) && magnitude > 0.01) ||
    magnitude <= 1e-5
  );
}
