import { AssayError } from '@assay/core';
import { DATA_TYPE } from '../data-types.js';
import { GraphBuilder, type OutputRef } from '../graph-builder.js';
import { savedModelBytes } from '../write-saved-model.js';
import { addInputs, type InputNodes } from './batch-feeds.js';
import { addRestore, addSave, type RestoreNodes, type SaveNodes } from './checkpoint-nodes.js';
import type { CompileOptions } from './compile-options.js';
import { averageName, Emission, fetched, type FetchedOutput, type WeightKind } from './emission.js';
import { GraphVariables } from './graph-variables.js';
import type { ModelDefinition } from './model-definition.js';
import { addStep, type StepNodes } from './step-graph.js';
import type { TracedLoss, TracedPrediction } from './trace-model.js';

const { float32, int32 } = DATA_TYPE;

export interface Traces {
  step: TracedLoss;
  evaluation: TracedLoss;
  prediction?: TracedPrediction;
}

/** Those that there are. */
export const recordingsOf = ({ step, evaluation, prediction }: Traces): (TracedLoss | TracedPrediction)[] => [
  step,
  evaluation,
  ...(prediction === undefined ? [] : [prediction]),
];

export interface EvaluationNodes {
  /** Vector of the loss and the metrics. */
  report: string;
  metrics: readonly string[];
  outputs: readonly FetchedOutput[];
}

/** A graph that holds all that a program does, and the names of its nodes. */
export interface TrainingGraph {
  bytes: Uint8Array;
  builder: GraphBuilder;
  /** Kind of the optimiser. */
  optimizer: string;
  variables: readonly { name: string; shape: readonly number[] }[];
  axes: readonly string[];
  /** Where the sizes of the axes are fed. */
  sizes: string;
  inputs: InputNodes;
  step: StepNodes;
  evaluation: Partial<Record<WeightKind, EvaluationNodes>>;
  prediction: Partial<Record<WeightKind, readonly FetchedOutput[]>>;
  /** Nodes that read a variable, and that assign it what is fed to the node of `assign`. */
  read: Readonly<Record<string, string>>;
  assign: Readonly<Record<string, { feed: string; done: string }>>;
  save: SaveNodes;
  restore: RestoreNodes;
  /** Saves what the prediction needs, under the names of the model. */
  exportWeights: Partial<Record<WeightKind, SaveNodes>>;
}

/** Builds the graph of a model from its traces. */
export function buildTrainingGraph(
  model: ModelDefinition,
  traces: Traces,
  options: CompileOptions & { trainable: readonly string[] },
): TrainingGraph {
  const graph = new GraphBuilder(options.device);
  const variables = new GraphVariables(graph);
  for (const [name, { shape }] of Object.entries({ ...model.parameters, ...model.state }))
    variables.add(name, shape);
  const axes = [...new Set([...traces.step.axes, ...(traces.prediction?.axes ?? [])])];
  const sizes = graph.placeholder('sizes', int32, [axes.length]);
  const lengths = axes.length === 0 ? [] : graph.unpack(sizes, axes.length, int32);
  const sizeOf = (axis: string): OutputRef => lengths[axes.indexOf(axis)] ?? missing(axis);
  const inputs = addInputs(graph, { ...model.inputs, ...model.targets }, sizeOf);
  const emitter = new Emission(graph, variables, inputs, sizeOf, options);
  const step = addStep({ graph, variables, model, trace: traces.step, emitter, options });
  const kinds: WeightKind[] = options.averageDecay === undefined ? ['latest'] : ['latest', 'average'];
  const evaluation: TrainingGraph['evaluation'] = {};
  const prediction: TrainingGraph['prediction'] = {};
  for (const kind of kinds) {
    evaluation[kind] = addEvaluation(graph, traces.evaluation, emitter, kind);
    if (traces.prediction !== undefined)
      prediction[kind] = addPrediction(graph, traces.prediction, emitter, kind);
  }
  const exportWeights: TrainingGraph['exportWeights'] = {};
  for (const kind of kinds) {
    const sources = Object.keys({ ...model.parameters, ...model.state }).map((name): [string, string] => [
      name,
      kind === 'average' && variables.has(averageName(name)) ? averageName(name) : name,
    ]);
    exportWeights[kind] = addSave(graph, variables, Object.fromEntries(sources), `export/${kind}`);
  }
  const names = variables.all().map(({ name }): [string, string] => [name, name]);
  const save = addSave(graph, variables, Object.fromEntries(names), 'checkpoint');
  const restore = addRestore(graph, variables, 'checkpoint');
  const { read, assign } = addAccess(graph, variables);
  const initialized = graph.group(variables.initializers, 'initialize');
  return {
    bytes: encode(graph, initialized),
    builder: graph,
    optimizer: options.optimizer.kind,
    variables: variables.all().map(({ name, shape }) => ({ name, shape })),
    axes,
    sizes: `${sizes}:0`,
    inputs,
    step,
    evaluation,
    prediction,
    read,
    assign,
    save,
    restore,
    exportWeights,
  };
}

function missing(axis: string): never {
  throw new AssayError('INTERNAL', `the graph has no axis '${axis}'`);
}

function addEvaluation(
  graph: GraphBuilder,
  trace: TracedLoss,
  emitter: Emission,
  kind: WeightKind,
): EvaluationNodes {
  const metrics = Object.keys(trace.metrics);
  const scope = kind === 'latest' ? 'evaluate' : 'evaluate_average';
  const outputs = Object.entries(trace.outputs);
  const wanted = [trace.loss, ...Object.values(trace.metrics), ...outputs.map(([, { ref }]) => ref)];
  const refs = emitter.emit(trace, wanted, scope, { kind });
  const report = graph.identity(graph.pack(refs.slice(0, 1 + metrics.length), float32), float32, {
    name: `${scope}/report`,
  });
  return {
    report: `${report}:0`,
    metrics,
    outputs: fetched(graph, outputs, refs.slice(1 + metrics.length), scope),
  };
}

function addPrediction(
  graph: GraphBuilder,
  trace: TracedPrediction,
  emitter: Emission,
  kind: WeightKind,
): FetchedOutput[] {
  const outputs = Object.entries(trace.outputs);
  const scope = kind === 'latest' ? 'predict' : 'predict_average';
  const refs = emitter.emit(
    trace,
    outputs.map(([, { ref }]) => ref),
    scope,
    { kind },
  );
  return fetched(graph, outputs, refs, scope);
}

/** Nodes that read and assign one variable each. */
function addAccess(graph: GraphBuilder, variables: GraphVariables): Pick<TrainingGraph, 'read' | 'assign'> {
  const read: Record<string, string> = {};
  const assign: Record<string, { feed: string; done: string }> = {};
  for (const variable of variables.all()) {
    const { name, shape } = variable;
    read[name] = `${variables.value(name)}:0`;
    const placeholder = graph.placeholder(`assign/${name}`, float32, shape);
    const assigned = variables.assignCopy(variable, placeholder);
    const done = graph.identity(graph.int(0), int32, { name: `assigned/${name}`, controls: [assigned] });
    assign[name] = { feed: `${placeholder}:0`, done: `${done}:0` };
  }
  return { read, assign };
}

const INIT_SIGNATURE = '__saved_model_init_op';

function encode(graph: GraphBuilder, initialized: OutputRef): Uint8Array {
  // An op without outputs has no type and no rank; this is what TensorFlow 2 writes as well.
  const init = { name: initialized, dtype: 0, tensor_shape: { dim: [], unknown_rank: true } };
  return savedModelBytes(graph, {
    [INIT_SIGNATURE]: { inputs: {}, outputs: { [INIT_SIGNATURE]: init }, method_name: '' },
  });
}
