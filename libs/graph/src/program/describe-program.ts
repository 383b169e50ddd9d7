import { describeExpression } from '../explain-number.js';
import type { MergedRecording } from '../merge-recordings.js';
import { originOf } from '../origin.js';
import type { ValueRef } from '../recording.js';
import { sizeOf } from '../data-types.js';
import type { ModelDefinition } from './model-definition.js';
import { pairedRows } from './paired-rows.js';
import { suspiciousConstants } from './suspicious-constants.js';
import { recordingsOf, type Traces, type TrainingGraph } from './training-graph.js';

export interface ProgramDescription {
  parameters: { count: number; values: number };
  /** Parameters that training changes, and those that `freeze` leaves alone. */
  trained: string[];
  frozen: string[];
  /** Parameters that the loss does not depend on, frozen ones among them: training leaves them alone. */
  unused: string[];
  /** Variables with those of the optimiser, in bytes. */
  variableBytes: number;
  graph: {
    bytes: number;
    nodes: number;
    /** Number of nodes by op, most frequent first. */
    ops: Record<string, number>;
  };
  /** Ops that were recorded per function. */
  recordedOps: { step: number; evaluation: number; prediction: number };
  /** Constants that became functions of the sizes of the named axes, with their place in the code. */
  dynamicConstants: string[];
  /** Numbers and data that are now part of the graph and might be meant to change. */
  suspiciousConstants: string[];
  /** Ops that broadcast tensors of different ranks, like [B, 1] and [B], to a value for each pair of rows. */
  pairedRows: string[];
  milliseconds: { trace: number; build: number; load: number };
}

/** What a program consists of. */
export function describeProgram(
  model: ModelDefinition,
  traces: Traces,
  graph: TrainingGraph,
  milliseconds: ProgramDescription['milliseconds'],
): ProgramDescription {
  const shapes = Object.values(model.parameters).map(({ shape }) => shape);
  const all = recordingsOf(traces);
  const unique = (lists: string[][]): string[] => [...new Set(lists.flat())];
  return {
    parameters: {
      count: shapes.length,
      values: shapes.reduce((sum, shape) => sum + sizeOf(shape), 0),
    },
    trained: Object.keys(traces.step.gradients),
    frozen: Object.keys(model.parameters).filter((name) => !traces.step.trainable.includes(name)),
    unused: unusedOf(model, traces),
    variableBytes: graph.variables.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0),
    graph: { bytes: graph.bytes.length, nodes: graph.builder.nodes.length, ops: histogramOf(graph) },
    recordedOps: {
      step: traces.step.operations.length,
      evaluation: traces.evaluation.operations.length,
      prediction: traces.prediction?.operations.length ?? 0,
    },
    dynamicConstants: unique(all.map(dynamicOf)),
    suspiciousConstants: unique(all.map((trace) => suspiciousConstants(trace, resultsOf(trace)))),
    pairedRows: unique(all.map(pairedRows)),
    milliseconds,
  };
}

/** Without the new values of the state. */
function resultsOf(trace: Traces['step'] | NonNullable<Traces['prediction']>): ValueRef[] {
  const outputs = Object.values(trace.outputs).map(({ ref }) => ref);
  if (!('loss' in trace)) return outputs;
  return [trace.loss, ...Object.values(trace.metrics), ...outputs, ...Object.values(trace.gradients)];
}

function unusedOf(model: ModelDefinition, { step }: Traces): string[] {
  const given = new Set(
    step.operations.flatMap(({ inputs }) => inputs.map((ref) => (ref.kind === 'given' ? ref.name : ''))),
  );
  const isUsed = (name: string): boolean =>
    step.trainable.includes(name) ? Object.hasOwn(step.gradients, name) : given.has(name);
  return Object.keys(model.parameters).filter((name) => !isUsed(name));
}

function histogramOf({ builder }: TrainingGraph): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of builder.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function dynamicOf({ operations, constants }: MergedRecording): string[] {
  return operations.flatMap(({ op, inputs, stack }) =>
    inputs.flatMap((ref) => {
      const constant = ref.kind === 'constant' ? constants[ref.index] : undefined;
      if (constant === undefined || constant.kind === 'fixed') return [];
      const expressions = constant.kind === 'elements' ? constant.elements : constant.shape;
      const text = expressions.map(describeExpression).join(', ');
      const value = constant.kind === 'elements' ? `[${text}]` : `${constant.value} in the shape [${text}]`;
      return [`${op}${originOf(stack)}: ${value}`];
    }),
  );
}
