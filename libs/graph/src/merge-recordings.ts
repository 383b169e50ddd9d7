import { AssayError } from '@assay/core';
import { explainConstant, type TracedConstant } from './explain-constants.js';
import type { RecordedOperation, Recording, ValueRef } from './recording.js';

/** Operations and constants that hold for every batch size. */
export interface MergedRecording {
  operations: readonly RecordedOperation[];
  constants: readonly TracedConstant[];
}

/**
 * Checks that recordings at different batch sizes did the same, and explains the constants in which they differ.
 *
 * @param batchSizes one per recording
 * @throws TRACE_UNSUPPORTED when the ops, an attribute, or a constant depend on the batch in a way that a graph cannot follow
 */
export function mergeRecordings(
  recordings: readonly Recording<unknown>[],
  batchSizes: readonly number[],
): MergedRecording {
  const [first, ...others] = recordings;
  if (first === undefined) throw new AssayError('INTERNAL', 'no recording to merge');
  for (const other of others) {
    first.operations.forEach((operation, i) => assertSameOperation(operation, other.operations[i], i));
    const extra = other.operations[first.operations.length];
    if (extra !== undefined) throw differs(first.operations.length, 'nothing', extra.op);
  }
  const users = new Map<number, string>();
  for (const { op, inputs } of first.operations) {
    for (const ref of inputs) if (ref.kind === 'constant' && !users.has(ref.index)) users.set(ref.index, op);
  }
  const constants = first.constants.map((_, i) => {
    const versions = recordings.flatMap(({ constants: all }) => all[i] ?? []);
    const op = users.get(i);
    return explainConstant(versions, batchSizes, op === undefined ? 'The result' : `Op '${op}'`);
  });
  return { operations: first.operations, constants };
}

function assertSameOperation(a: RecordedOperation, b: RecordedOperation | undefined, index: number): void {
  const sameInputs =
    a.inputs.length === b?.inputs.length && a.inputs.every((ref, j) => sameRef(ref, b.inputs[j]));
  if (b === undefined || a.op !== b.op || !sameInputs) throw differs(index, a.op, b?.op ?? 'nothing');
  if (JSON.stringify(a.attributes) !== JSON.stringify(b.attributes)) {
    const name =
      a.attributes.find((attribute, j) => JSON.stringify(attribute) !== JSON.stringify(b.attributes[j]))
        ?.name ?? '?';
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `Attribute '${name}' of op '${a.op}' depends on the batch size. Fix: compute it from axes other than B.`,
    );
  }
}

function differs(index: number, a: string, b: string): AssayError {
  return new AssayError(
    'TRACE_UNSUPPORTED',
    `The function runs other ops at other batch sizes: op ${index} is '${a}' in one run and '${b}' in another. Causes: a loop or tf.unstack over the batch, an \`if\` on a shape or on something random. Fix: use ops that work on the whole batch.`,
  );
}

function sameRef(a: ValueRef, b: ValueRef | undefined): boolean {
  if (a.kind === 'given') return b?.kind === 'given' && a.name === b.name;
  if (a.kind === 'constant') return b?.kind === 'constant' && a.index === b.index;
  return b?.kind === 'operation' && a.index === b.index && a.output === b.output;
}
