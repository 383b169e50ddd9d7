import { dataTypeName } from '../data-types.js';
import type { MergedRecording } from '../merge-recordings.js';
import type { ValueRef } from '../recording.js';
import type { ModelDefinition } from './model-definition.js';

/** Ops that hand the values of their first input on. */
export const PASSES: ReadonlySet<string> = new Set([
  ...['Reshape', 'ExpandDims', 'Squeeze', 'Identity', 'Transpose'],
]);

/** The int32 input whose values a value has, at other places perhaps, since only some ops lie between. */
export function inputBehind(
  ref: ValueRef | undefined,
  recording: MergedRecording,
  between: ReadonlySet<string>,
): string | undefined {
  if (ref?.kind === 'given') return dataTypeName(ref.dtype) === 'int32' ? ref.name : undefined;
  const operation = ref?.kind === 'operation' ? recording.operations[ref.index] : undefined;
  return operation !== undefined && between.has(operation.op)
    ? inputBehind(operation.inputs[0], recording, between)
    : undefined;
}

/**
 * Inputs that are looked up in a table as they are, with the rows of the smallest such table. Kernels for GPUs give zeros
 * for ids outside of a table, without a word. Of an input whose columns belong to several tables the range is not known.
 */
export function idLimits(
  recording: MergedRecording,
  { parameters, state }: ModelDefinition,
): Record<string, number> {
  const tables = { ...parameters, ...state };
  const limits: Record<string, number> = {};
  for (const { op, inputs } of recording.operations) {
    const [table, ids] = inputs;
    if (op !== 'GatherV2' || table?.kind !== 'given') continue;
    const numRows = tables[table.name]?.shape[0];
    const input = inputBehind(ids, recording, PASSES);
    if (numRows !== undefined && input !== undefined)
      limits[input] = Math.min(numRows, limits[input] ?? Infinity);
  }
  return limits;
}
