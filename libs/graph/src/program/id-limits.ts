import { dataTypeName } from '../data-types.js';
import type { MergedRecording } from '../merge-recordings.js';
import type { ValueRef } from '../recording.js';
import type { ModelDefinition } from './model-definition.js';

/** Ops that hand the values of their first input on. */
const PASSES = new Set(['Reshape', 'ExpandDims', 'Squeeze', 'Identity', 'Transpose']);

/**
 * Inputs that are looked up in a table as they are, with the rows of the smallest such table. Kernels for GPUs give zeros
 * for ids outside of a table, without a word. Of an input whose columns belong to several tables the range is not known.
 */
export function idLimits(
  { operations }: MergedRecording,
  { parameters }: ModelDefinition,
): Record<string, number> {
  const inputBehind = (ref: ValueRef | undefined): string | undefined => {
    if (ref?.kind === 'given') return dataTypeName(ref.dtype) === 'int32' ? ref.name : undefined;
    const operation = ref?.kind === 'operation' ? operations[ref.index] : undefined;
    return operation !== undefined && PASSES.has(operation.op) ? inputBehind(operation.inputs[0]) : undefined;
  };
  const limits: Record<string, number> = {};
  for (const { op, inputs } of operations) {
    const [table, ids] = inputs;
    if (op !== 'GatherV2' || table?.kind !== 'given') continue;
    const numRows = parameters[table.name]?.shape[0];
    const input = inputBehind(ids);
    if (numRows !== undefined && input !== undefined)
      limits[input] = Math.min(numRows, limits[input] ?? Infinity);
  }
  return limits;
}
