import { AssayError } from '@assay/core';
import type { AxisSizes } from './axes.js';
import { explainConstant, type TracedConstant } from './explain-constants.js';
import { originOf } from './origin.js';
import type { RecordedOperation, Recording, ValueRef } from './recording.js';

/** Operations and constants that hold for all sizes of the named axes. */
export interface MergedRecording {
  operations: readonly RecordedOperation[];
  constants: readonly TracedConstant[];
}

/**
 * Checks that recordings at different sizes did the same, and explains the constants in which they differ.
 *
 * @param points sizes of the named axes, one per recording
 * @throws TRACE_UNSUPPORTED when the ops, an attribute, or a constant depend on the sizes in a way that a graph cannot follow
 */
export function mergeRecordings(
  recordings: readonly Recording<unknown>[],
  points: readonly AxisSizes[],
): MergedRecording {
  const [first, ...others] = recordings;
  if (first === undefined) throw new AssayError('INTERNAL', 'no recording to merge');
  for (const other of others) {
    first.operations.forEach((operation, i) => assertSameOperation(operation, other.operations[i], i));
    const extra = other.operations[first.operations.length];
    if (extra !== undefined) throw differs(first.operations.length, undefined, extra);
  }
  const users = new Map<number, RecordedOperation>();
  for (const operation of first.operations) {
    for (const ref of operation.inputs)
      if (ref.kind === 'constant' && !users.has(ref.index)) users.set(ref.index, operation);
  }
  const constants = first.constants.map((_, i) => {
    const versions = recordings.flatMap(({ constants: all }) => all[i] ?? []);
    const user = users.get(i);
    return explainConstant(versions, points, user === undefined ? 'The result' : `Op '${user.op}'`);
  });
  const operations = first.operations.map((operation, i) => ({
    ...operation,
    pairsRows: recordings.every((recording) => recording.operations[i]?.pairsRows === true),
  }));
  return { operations, constants };
}

function assertSameOperation(a: RecordedOperation, b: RecordedOperation | undefined, index: number): void {
  const sameInputs =
    a.inputs.length === b?.inputs.length && a.inputs.every((ref, j) => sameRef(ref, b.inputs[j]));
  if (b === undefined || a.op !== b.op || !sameInputs) throw differs(index, a, b);
  if (JSON.stringify(a.attributes) !== JSON.stringify(b.attributes)) {
    const name =
      a.attributes.find((attribute, j) => JSON.stringify(attribute) !== JSON.stringify(b.attributes[j]))
        ?.name ?? '?';
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `Attribute '${name}' of op '${a.op}'${originOf(a.stack)} depends on the batch size. Fix: compute it from axes that have a fixed length.`,
    );
  }
}

function differs(
  index: number,
  a: RecordedOperation | undefined,
  b: RecordedOperation | undefined,
): AssayError {
  return new AssayError(
    'TRACE_UNSUPPORTED',
    `The function runs other ops at other batch sizes: op ${index}${originOf((a ?? b)?.stack)} is '${a?.op ?? 'nothing'}' in one run and '${b?.op ?? 'nothing'}' in another. Causes: a loop or tf.unstack over the batch, an \`if\` on a shape or on something random. Fix: use ops that work on the whole batch.`,
  );
}

function sameRef(a: ValueRef, b: ValueRef | undefined): boolean {
  if (a.kind === 'given') return b?.kind === 'given' && a.name === b.name;
  if (a.kind === 'constant') return b?.kind === 'constant' && a.index === b.index;
  return b?.kind === 'operation' && a.index === b.index && a.output === b.output;
}
