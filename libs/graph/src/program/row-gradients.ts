import { AssayError } from '@assay/core';
import type { ValueRef, RecordedOperation } from '../recording.js';

/** Rows of a table's gradient, as the recording has them: rows [N, D] for the ids [N], which may repeat. */
export interface RecordedRows {
  rows: ValueRef;
  ids: ValueRef;
}

/**
 * Finds the rows behind the dense gradient of a table: lookups give it as a sum over ids (UnsortedSegmentSum), several
 * lookups as the sum of such sums.
 *
 * @throws TRACE_UNSUPPORTED when the table is also used in another way, so that its gradient is not sparse
 */
export function rowsBehind(
  gradient: ValueRef,
  operations: readonly RecordedOperation[],
  table: string,
): RecordedRows[] {
  const operation = gradient.kind === 'operation' ? operations[gradient.index] : undefined;
  if (operation?.op === 'UnsortedSegmentSum') {
    const [rows, ids] = operation.inputs;
    if (rows !== undefined && ids !== undefined) return [{ rows, ids }];
  }
  if (operation !== undefined && ['Add', 'AddV2', 'AddN'].includes(operation.op))
    return operation.inputs.flatMap((input) => rowsBehind(input, operations, table));
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `The table '${table}' is declared sparse, but its gradient comes from op '${operation?.op ?? 'a constant'}', which touches every row. Fix: read it by embeddingLookup or embeddingBag only, or leave sparse out.`,
  );
}
