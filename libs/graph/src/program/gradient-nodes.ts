import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import type { RowGradient } from '../optimizers/graph-optimizer.js';
import type { ValueRef } from '../recording.js';
import type { ModelDefinition } from './model-definition.js';
import { rowsBehind, type RecordedRows } from './row-gradients.js';
import type { TracedLoss } from './trace-model.js';

const { float32, int32 } = DATA_TYPE;

/** Gradients by parameter: whole tensors, or the rows of sparse tables. */
export type Gradients = Readonly<Record<string, OutputRef | RowGradient>>;

/** The values that a trace must give for the gradients, and how they become nodes. */
export function addGradients(
  trace: TracedLoss,
  model: ModelDefinition,
): { refs: readonly ValueRef[]; emit: (graph: GraphBuilder, nodes: readonly OutputRef[]) => Gradients } {
  const sparse = new Map<string, readonly RecordedRows[]>();
  for (const [name, gradient] of Object.entries(trace.gradients)) {
    if (model.parameters[name]?.sparse === true)
      sparse.set(name, rowsBehind(gradient, trace.operations, name));
  }
  const refsOf = (name: string, gradient: ValueRef): ValueRef[] =>
    sparse.get(name)?.flatMap(({ rows, ids }) => [rows, ids]) ?? [gradient];
  return {
    refs: Object.entries(trace.gradients).flatMap(([name, gradient]) => refsOf(name, gradient)),
    emit: (graph, nodes) => {
      let at = 0;
      const next = (): OutputRef => nodes[at++] ?? '';
      return Object.fromEntries(
        Object.keys(trace.gradients).map((name): [string, OutputRef | RowGradient] => {
          const parts = sparse.get(name)?.map(() => ({ rows: next(), ids: next() }));
          if (parts === undefined) return [name, next()];
          const dim = model.parameters[name]?.shape.slice(1) ?? [];
          return [name, distinctRows(graph, parts, dim)];
        }),
      );
    },
  };
}

/** One row per distinct id, the sum of its rows. */
function distinctRows(
  graph: GraphBuilder,
  parts: readonly RowGradient[],
  dim: readonly number[],
): RowGradient {
  const joined = (refs: readonly OutputRef[], dtype: number): OutputRef =>
    refs.length === 1
      ? (refs[0] ?? '')
      : graph.node('ConcatV2', [...refs, graph.int(0)], {
          N: { i: refs.length },
          T: { type: dtype },
          Tidx: { type: int32 },
        });
  const flatIds = parts.map(({ ids }) => graph.reshape(ids, int32, graph.ints([-1])));
  const flatRows = parts.map(({ rows }) => graph.reshape(rows, float32, graph.ints([-1, ...dim])));
  const ids = graph.node('Unique', [joined(flatIds, int32)], {
    T: { type: int32 },
    out_idx: { type: int32 },
  });
  const count = graph.node('Size', [ids], { T: { type: int32 }, out_type: { type: int32 } });
  const rows = graph.node('UnsortedSegmentSum', [joined(flatRows, float32), `${ids}:1`, count], {
    T: { type: float32 },
    Tindices: { type: int32 },
    Tnumsegments: { type: int32 },
  });
  return { ids, rows };
}

/**
 * Norm of all gradients together, and the gradients scaled to at most `clipNorm`.
 *
 * @see Pascanu et al. 2013, "On the difficulty of training recurrent neural networks"
 */
export function scaleGradients(
  graph: GraphBuilder,
  gradients: Gradients,
  { clipNorm, wanted }: { clipNorm?: number; wanted: boolean },
): { gradients: Gradients; norm?: OutputRef } {
  if (!wanted) return { gradients };
  const halves = Object.values(gradients).map((gradient) =>
    graph.unary('L2Loss', typeof gradient === 'string' ? gradient : gradient.rows),
  );
  const norm = graph.unary('Sqrt', graph.binary('Mul', graph.addN(halves), graph.float(2)));
  if (clipNorm === undefined) return { gradients, norm };
  const limit = graph.float(clipNorm);
  const scale = graph.binary('RealDiv', limit, graph.binary('Maximum', norm, limit));
  const scaled = Object.entries(gradients).map(([name, gradient]): [string, OutputRef | RowGradient] => [
    name,
    typeof gradient === 'string'
      ? graph.binary('Mul', gradient, scale)
      : { ids: gradient.ids, rows: graph.binary('Mul', gradient.rows, scale) },
  ]);
  return { gradients: Object.fromEntries(scaled), norm };
}
