import { join } from 'node:path';
import { AssayError, writeFileAtomic } from '@assay/core';
import { describeEngine, type tf } from '@assay/tensorflow';
import { assertPath } from './check-settings.js';
import { GraphBuilder, type OutputRef } from './graph-builder.js';
import { encodeSavedModel, type SaverMessage, type SignatureMessage } from './graph-messages.js';
import { dataTypeOf } from './recording.js';
import { addServedFunction } from './serving-graph.js';
import type { TracedProgram } from './trace-function.js';

/** Name of the graph file in a SavedModel directory. */
export const SAVED_MODEL_FILE = 'saved_model.pb';

/** Tag of a graph that serves; the binding loads no graph without it. */
const SERVE_TAG = 'serve';

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
 * @throws USAGE when `dir` is no text or the folder cannot be made
 */
export async function writeSavedModel(
  dir: string,
  program: TracedProgram,
  options: WriteOptions = {},
): Promise<void> {
  assertPath(dir);
  const { signature = 'serving_default', outputs = Object.keys(program.outputs) } = options;
  const graph = new GraphBuilder();
  const definition = addServedFunction(graph, program, outputs, (name) =>
    addParameter(graph, name, program.parameters[name]),
  );
  await writeFileAtomic(join(dir, SAVED_MODEL_FILE), savedModelBytes(graph, { [signature]: definition }));
}

/** Content of a `saved_model.pb`. */
export function savedModelBytes(
  graph: GraphBuilder,
  signatures: Readonly<Record<string, SignatureMessage>>,
  saver?: SaverMessage,
): Uint8Array {
  return encodeSavedModel({
    saved_model_schema_version: 1,
    meta_graphs: [
      {
        meta_info_def: { tags: [SERVE_TAG], tensorflow_version: describeEngine().tensorflowVersion },
        graph_def: { node: graph.nodes, versions: GRAPH_VERSIONS },
        saver_def: saver,
        signature_def: { ...signatures },
      },
    ],
  });
}

function addParameter(graph: GraphBuilder, name: string, tensor: tf.Tensor | undefined): OutputRef {
  if (tensor === undefined || tensor.isDisposed) {
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `The parameter '${name}' was disposed before its program was written. Fix: dispose the parameters after writeSavedModel.`,
    );
  }
  return graph.constant(dataTypeOf(tensor.dtype), tensor.shape, tensor.dataSync(), name);
}
