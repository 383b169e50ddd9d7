import { AssayError } from '@assay/core';
import { axisName, BATCH, staticShape, type AxisLength } from './axes.js';
import { DATA_TYPE, type FeedType } from './data-types.js';
import { emitGraph } from './emit-graph.js';
import type { GraphBuilder, OutputRef } from './graph-builder.js';
import { shapeMessage, type SignatureMessage, type TensorInfoMessage } from './graph-messages.js';
import type { MergedRecording } from './merge-recordings.js';
import type { ValueRef } from './recording.js';

/** @see https://www.tensorflow.org/tfx/serving/signature_defs */
const PREDICT_METHOD = 'tensorflow/serving/predict';

/** A traced function that serves: named inputs, named outputs. */
export interface ServedFunction extends MergedRecording {
  inputs: Readonly<Record<string, { dtype: FeedType; shape: readonly AxisLength[] }>>;
  outputs: Readonly<Record<string, { ref: ValueRef; shape: readonly (number | null)[] }>>;
}

/**
 * Adds a traced function with standard placeholders to a graph.
 *
 * @param outputNames outputs to add
 * @param parameterOf adds the node of a parameter
 * @throws TRACE_UNSUPPORTED when an output is unknown
 */
export function addServedFunction(
  graph: GraphBuilder,
  served: ServedFunction,
  outputNames: readonly string[],
  parameterOf: (name: string) => OutputRef,
): SignatureMessage {
  const inputs: Record<string, TensorInfoMessage> = {};
  const nodes = new Map<string, OutputRef>();
  const sizes = new Map<string, OutputRef>();
  for (const [name, { dtype, shape }] of Object.entries(served.inputs)) {
    const node = graph.placeholder(name, DATA_TYPE[dtype], staticShape(shape));
    nodes.set(name, node);
    inputs[name] = tensorInfo(
      node,
      DATA_TYPE[dtype],
      shape.map((length) => length ?? BATCH),
    );
    shape.forEach((length, i) => {
      const axis = axisName(length);
      if (axis !== undefined && !sizes.has(axis))
        sizes.set(axis, graph.axisLength(node, DATA_TYPE[dtype], i));
    });
  }
  const wanted = outputNames.map((name) => outputOf(served, name));
  const refs = emitGraph(graph, {
    program: served,
    results: wanted.map(({ ref }) => ref),
    given: (name) => {
      const node = nodes.get(name) ?? parameterOf(name);
      nodes.set(name, node);
      return node;
    },
    sizeOf: (axis) => sizes.get(axis) ?? '',
    scope: 'infer',
  });
  const outputs = Object.fromEntries(
    wanted.map(({ ref, shape }, i) => {
      const name = outputNames[i] ?? '';
      const isBool = ref.dtype === DATA_TYPE.bool; // like everywhere that results leave the engine, int32
      const dtype = isBool ? DATA_TYPE.int32 : ref.dtype;
      const value = isBool ? graph.cast(refs[i] ?? '', ref.dtype, dtype) : (refs[i] ?? '');
      const node = graph.identity(value, dtype, { name });
      return [name, tensorInfo(node, dtype, shape)];
    }),
  );
  return { inputs, outputs, method_name: PREDICT_METHOD };
}

const tensorInfo = (node: OutputRef, dtype: number, shape: readonly AxisLength[]): TensorInfoMessage => ({
  name: `${node}:0`,
  dtype,
  tensor_shape: shapeMessage(shape),
});

function outputOf(served: ServedFunction, name: string): ServedFunction['outputs'][string] {
  const output = served.outputs[name];
  if (output !== undefined) return output;
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `The program has no output '${name}'; it has ${Object.keys(served.outputs).join(', ')}. Fix: name one of these.`,
  );
}
