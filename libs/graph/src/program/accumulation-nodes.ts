import { AssayError } from '@assay/core';
import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import type { RowGradient } from '../optimizers/graph-optimizer.js';
import type { Gradients } from './gradient-nodes.js';
import type { GraphVariable, GraphVariables } from './graph-variables.js';

const { float32, int32 } = DATA_TYPE;

/** Accumulated gradients by parameter. */
export type Sums = Readonly<Record<string, GraphVariable>>;

/**
 * Gradients of the last part and of those before it. Of a sparse table the ids of the earlier parts are fed, for the
 * variable alone does not tell which of its rows were used.
 *
 * @returns the gradients, and where the ids are fed, by table
 */
export function totalGradients(
  graph: GraphBuilder,
  variables: GraphVariables,
  gradients: Gradients,
  sums: Sums,
): { total: Gradients; feeds: Readonly<Record<string, string>> } {
  const feeds: Record<string, string> = {};
  const rowsOf = (name: string, sum: GraphVariable, gradient: RowGradient): RowGradient => {
    const earlier = graph.placeholder(`last/ids/${name}`, int32, [null]);
    feeds[name] = `${earlier}:0`;
    const added = variables.scatter('Add', sum, gradient.ids, gradient.rows, [gradient.rows]);
    const all = graph.node('ConcatV2', [gradient.ids, earlier, graph.int(0)], {
      N: { i: 2 },
      T: { type: int32 },
      Tidx: { type: int32 },
    });
    const ids = graph.node('Unique', [all], { T: { type: int32 }, out_idx: { type: int32 } });
    return { ids, rows: variables.rows(sum, ids, [added]) };
  };
  const total = Object.entries(gradients).map(([name, gradient]): [string, OutputRef | RowGradient] => {
    const sum = sumOf(sums, name);
    return [
      name,
      typeof gradient === 'string'
        ? graph.binary('AddV2', variables.value(sum.name), gradient)
        : rowsOf(name, sum, gradient),
    ];
  });
  return { total: Object.fromEntries(total), feeds };
}

/** Sets accumulated gradients back to zero, of sparse tables the rows that were used. */
export function clearAccumulated(
  graph: GraphBuilder,
  variables: GraphVariables,
  total: Gradients,
  sums: Sums,
  controls: readonly OutputRef[],
): OutputRef[] {
  return Object.entries(total).map(([name, gradient]) => {
    const sum = sumOf(sums, name);
    if (typeof gradient === 'string') return variables.assign(sum, variables.zeros(sum.shape), controls);
    const zeros = graph.node('ZerosLike', [gradient.rows], { T: { type: float32 } });
    return variables.scatter('Update', sum, gradient.ids, zeros, controls);
  });
}

export function sumOf(sums: Sums, name: string): GraphVariable {
  const sum = sums[name];
  if (sum === undefined) throw new AssayError('INTERNAL', `no gradients of '${name}' are accumulated`);
  return sum;
}
