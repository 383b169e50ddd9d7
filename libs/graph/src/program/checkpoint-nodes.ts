import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import type { GraphVariables } from './graph-variables.js';

const { float32, string } = DATA_TYPE;

/** Nodes that write variables to a tensor bundle, without a way through JavaScript. */
export interface SaveNodes {
  /** Fed with the path of the bundle, a scalar string. */
  prefix: string;
  saved: string;
}

/** Nodes that read them again. */
export interface RestoreNodes {
  prefix: string;
  restored: string;
  /** For a saver definition: the op that restores. */
  restoreOp: string;
}

/**
 * Adds the nodes that save variables.
 *
 * @param sources variable to save by name in the bundle
 * @see tensorflow/core/util/tensor_bundle/tensor_bundle.h
 */
export function addSave(
  graph: GraphBuilder,
  variables: GraphVariables,
  sources: Readonly<Record<string, string>>,
  scope: string,
): SaveNodes {
  const { prefix, names, slices, attributes } = bundleOf(graph, Object.keys(sources), scope);
  const values = Object.values(sources).map((source) => variables.value(source));
  const save = graph.node('SaveV2', [prefix, names, slices, ...values], attributes);
  return { prefix: `${prefix}:0`, saved: doneAfter(graph, prefix, save, `${scope}/saved`) };
}

/** Adds the nodes that restore all variables. */
export function addRestore(graph: GraphBuilder, variables: GraphVariables, scope: string): RestoreNodes {
  const all = variables.all();
  const { prefix, names, slices, attributes } = bundleOf(
    graph,
    all.map(({ name }) => name),
    scope,
  );
  const restore = graph.node('RestoreV2', [prefix, names, slices], attributes);
  const assigned = all.map((variable, i) => {
    const value = graph.identity(i === 0 ? restore : `${restore}:${i}`, float32);
    return variables.assign(variable, value);
  });
  const restoreOp = graph.group(assigned, `${scope}/restore`);
  const restored = doneAfter(graph, prefix, restoreOp, `${scope}/restored`);
  return { prefix: `${prefix}:0`, restored, restoreOp };
}

function bundleOf(graph: GraphBuilder, keys: readonly string[], scope: string) {
  return {
    prefix: graph.placeholder(`${scope}/prefix`, string, []),
    names: graph.strings(keys),
    slices: graph.strings(keys.map(() => '')), // whole tensors
    attributes: { dtypes: { list: { type: keys.map(() => float32) } } },
  };
}

const doneAfter = (graph: GraphBuilder, prefix: OutputRef, control: OutputRef, name: string): string =>
  `${graph.identity(prefix, string, { name, controls: [control] })}:0`;
