import { emitGraph, type EmitOptions } from '../emit-graph.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import type { MergedRecording } from '../merge-recordings.js';
import type { TracedOutput } from '../named-tensors.js';
import type { ValueRef } from '../recording.js';
import type { InputNodes } from './batch-feeds.js';
import type { CompileOptions } from './compile-options.js';
import type { GraphVariables } from './graph-variables.js';
import { DRAW } from './trace-model.js';

/** Nodes to fetch for a value of any shape. */
export interface FetchedOutput {
  name: string;
  node: string;
  shape: TracedOutput['shape'];
}

/** Which weights a function is computed with: those of the latest step, or their moving average. */
export type WeightKind = 'latest' | 'average';

/** Name of the variable that holds the moving average of a parameter. */
export const averageName = (parameter: string): string => `average/${parameter}`;

/** Emits traces with the parameters of a graph. */
export class Emission {
  readonly #graph: GraphBuilder;
  readonly #variables: GraphVariables;
  readonly #inputs: InputNodes;
  readonly #shared: Pick<EmitOptions, 'sizeOf' | 'lowPrecision' | 'xla'>;

  constructor(
    graph: GraphBuilder,
    variables: GraphVariables,
    inputs: InputNodes,
    sizeOf: (axis: string) => OutputRef,
    { precision, xla }: CompileOptions,
  ) {
    this.#graph = graph;
    this.#variables = variables;
    this.#inputs = inputs;
    this.#shared = { sizeOf, lowPrecision: precision === 'bfloat16', xla };
  }

  /** @param draw node of the number that random ops are drawn from; a trace without random ops needs none */
  emit(
    program: MergedRecording,
    results: readonly ValueRef[],
    scope: string,
    { kind = 'latest', draw }: { kind?: WeightKind; draw?: OutputRef } = {},
  ): OutputRef[] {
    const variableOf = (name: string): string | undefined => {
      const average = averageName(name);
      if (kind === 'average' && this.#variables.has(average)) return average;
      return this.#variables.has(name) ? name : undefined;
    };
    return emitGraph(this.#graph, {
      ...this.#shared,
      program,
      results,
      scope,
      given: (name) => {
        if (name === DRAW) return draw ?? this.#graph.int(0);
        const variable = variableOf(name);
        return variable === undefined ? this.#inputs.value(name) : this.#variables.value(variable);
      },
      handleOf: (name) => {
        const variable = variableOf(name);
        return variable === undefined ? undefined : this.#variables.get(variable).handle;
      },
      bytesOf: (name) => this.#inputs.bytes(name),
    });
  }
}

/** Gives every output a node of its own, whatever it is computed by. */
export function fetched(
  graph: GraphBuilder,
  outputs: readonly [string, TracedOutput][],
  refs: readonly OutputRef[],
  scope: string,
): FetchedOutput[] {
  return outputs.map(([name, { ref, shape }], i) => {
    const node = graph.identity(refs[i] ?? '', ref.dtype, { name: `${scope}/output/${name}` });
    return { name, node: `${node}:0`, shape };
  });
}
