import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError, writeFileAtomic } from '@assay/core';
import { describeEngine, type tf } from '@assay/tensorflow';
import { DATA_TYPE } from './data-types.js';
import { emitGraph } from './emit-graph.js';
import { GraphBuilder, type OutputRef } from './graph-builder.js';
import {
  encodeSavedModel,
  shapeMessage,
  type SignatureMessage,
  type TensorInfoMessage,
} from './graph-messages.js';
import { dataTypeOf } from './recording.js';
import { isBatchAxis, type OutputSignature, type TracedProgram } from './trace-function.js';

/** Name of the graph file in a SavedModel directory. */
export const SAVED_MODEL_FILE = 'saved_model.pb';

/** Tag and method of a graph that serves. @see https://www.tensorflow.org/tfx/serving/signature_defs */
const SERVE_TAG = 'serve';
const PREDICT_METHOD = 'tensorflow/serving/predict';

/**
 * Version of the GraphDef language that `emitGraph` writes, whichever engine is installed, and the oldest reader.
 *
 * @see tensorflow/core/public/version.h
 */
const GRAPH_VERSIONS = { producer: 2000, min_consumer: 12 };

interface WriteOptions {
  /** Default `serving_default`. */
  signature?: string;
  /** Results of the program to write; default all. */
  outputs?: readonly string[];
}

/**
 * Writes a program as a frozen SavedModel: the parameters are constants of the graph. TensorFlow in Python and C++,
 * TensorFlow Serving and MLflow's `tensorflow` flavour load it. Equal programs and engines give equal bytes.
 *
 * @param dir made when missing; its `saved_model.pb` is replaced
 * @throws TRACE_UNSUPPORTED when a parameter was disposed or an output is unknown
 * @throws DISK_FULL when the disk is full
 */
export async function writeSavedModel(
  dir: string,
  program: TracedProgram,
  options: WriteOptions = {},
): Promise<void> {
  const { signature = 'serving_default', outputs = Object.keys(program.outputs) } = options;
  const graph = new GraphBuilder();
  const definition = addProgram(graph, program, outputs);
  const bytes = encodeSavedModel({
    saved_model_schema_version: 1,
    meta_graphs: [
      {
        meta_info_def: { tags: [SERVE_TAG], tensorflow_version: describeEngine().tensorflowVersion },
        graph_def: { node: graph.nodes, versions: GRAPH_VERSIONS },
        signature_def: { [signature]: definition },
      },
    ],
  });
  await mkdir(dir, { recursive: true });
  await writeFileAtomic(join(dir, SAVED_MODEL_FILE), bytes);
}

function addProgram(
  graph: GraphBuilder,
  program: TracedProgram,
  outputNames: readonly string[],
): SignatureMessage {
  const inputs: Record<string, TensorInfoMessage> = {};
  const nodes = new Map<string, OutputRef>();
  let batchSize: OutputRef | undefined;
  for (const [name, { dtype, shape }] of Object.entries(program.inputs)) {
    const lengths = shape.map((length) => (isBatchAxis(length) ? null : length));
    const node = graph.placeholder(name, DATA_TYPE[dtype], lengths);
    nodes.set(name, node);
    inputs[name] = tensorInfo(node, DATA_TYPE[dtype], lengths);
    const axis = shape.findIndex(isBatchAxis);
    if (axis >= 0) batchSize ??= graph.axisLength(node, DATA_TYPE[dtype], axis);
  }
  const given = (name: string): OutputRef => {
    const node = nodes.get(name) ?? addParameter(graph, name, program.parameters[name]);
    nodes.set(name, node);
    return node;
  };
  const wanted = outputNames.map((name) => outputOf(program, name));
  const refs = emitGraph(graph, {
    program,
    results: wanted.map(({ ref }) => ref),
    given,
    batchSize,
    scope: 'infer',
  });
  const outputs = Object.fromEntries(
    wanted.map(({ ref, shape }, i) => {
      const name = outputNames[i] ?? '';
      return [name, tensorInfo(graph.identity(refs[i] ?? '', ref.dtype, name), ref.dtype, shape)];
    }),
  );
  return { inputs, outputs, method_name: PREDICT_METHOD };
}

const tensorInfo = (
  node: OutputRef,
  dtype: number,
  shape: readonly (number | null)[],
): TensorInfoMessage => ({
  name: `${node}:0`,
  dtype,
  tensor_shape: shapeMessage(shape),
});

function addParameter(graph: GraphBuilder, name: string, tensor: tf.Tensor | undefined): OutputRef {
  if (tensor === undefined || tensor.isDisposed) {
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `The parameter '${name}' was disposed before its program was written. Fix: dispose the parameters after writeSavedModel.`,
    );
  }
  return graph.constant(dataTypeOf(tensor.dtype), tensor.shape, tensor.dataSync(), name);
}

function outputOf(program: TracedProgram, name: string): OutputSignature {
  const output = program.outputs[name];
  if (output !== undefined) return output;
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `The program has no output '${name}'; it has ${Object.keys(program.outputs).join(', ')}. Fix: name one of these.`,
  );
}
