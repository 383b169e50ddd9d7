import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { AssayError, withAtomicDirectory, writeFileAtomic, type Replaceable } from '@assay/core';
import { DATA_TYPE } from '../data-types.js';
import { GraphBuilder } from '../graph-builder.js';
import { addServedFunction, type ServedFunction } from '../serving-graph.js';
import { SAVED_MODEL_FILE, savedModelBytes } from '../write-saved-model.js';
import { addRestore } from './checkpoint-nodes.js';
import { GraphVariables } from './graph-variables.js';
import type { ModelDefinition } from './model-definition.js';
import type { TracedPrediction } from './trace-model.js';

/** `frozen`: the weights are constants of the graph. `checkpoint`: they lie beside it in `variables/`. */
export type ExportKind = 'frozen' | 'checkpoint';

interface ExportParts {
  model: ModelDefinition;
  prediction: TracedPrediction;
  /** Current value of a parameter or a state. */
  valueOf: (name: string) => Float32Array;
  /** Writes the parameters and the state to a tensor bundle. */
  saveVariables: (prefix: string) => void;
}

const VARIABLES = 'variables';
const KINDS: readonly unknown[] = ['frozen', 'checkpoint'];

/** Only a SavedModel gives way to a new one: a folder with its graph and the variables beside it. */
const savedModelAt = (dir: string): Replaceable => ({
  what: 'a SavedModel',
  strangers: (names) => {
    const is = (name: string, kind: 'isFile' | 'isDirectory'): boolean =>
      names.includes(name) && statSync(join(dir, name))[kind]();
    const isOwn = (name: string): boolean =>
      name === SAVED_MODEL_FILE ||
      (name === VARIABLES && is(name, 'isDirectory')) ||
      /^variables[\\/]variables\.(index|data-\d+-of-\d+)$/.test(name);
    return is(SAVED_MODEL_FILE, 'isFile') ? names.filter((name) => !isOwn(name)) : names;
  },
});

/**
 * Writes the prediction of a model as a SavedModel with the signature `serving_default`; whole or not at all.
 *
 * @throws USAGE when there is no such kind, or `dir` is a file, the working directory, or a folder that holds something
 *   else than a SavedModel
 */
export async function exportProgram(dir: string, kind: ExportKind, parts: ExportParts): Promise<void> {
  if (!KINDS.includes(kind))
    throw new AssayError(
      'USAGE',
      `There is no kind of export ${inspect(kind)}; there are 'frozen' (weights in the graph) and 'checkpoint' (weights in variables/ beside it). Fix: name one of these.`,
    );
  const fill = async (temporary: string): Promise<void> => {
    const { model, prediction } = parts;
    const served: ServedFunction = { ...prediction, inputs: servedInputs(model) };
    if (kind === 'frozen') {
      await writeFileAtomic(join(temporary, SAVED_MODEL_FILE), frozen(served, parts));
      return;
    }
    await mkdir(join(temporary, VARIABLES));
    parts.saveVariables(join(temporary, VARIABLES, 'variables'));
    await writeFileAtomic(join(temporary, SAVED_MODEL_FILE), withVariables(served, parts));
  };
  await withAtomicDirectory(dir, fill, savedModelAt(dir));
}

/** Bytes are int32 in a signature: of the clients' languages few have a tensor of bytes that is not an image file. */
function servedInputs({ inputs }: ModelDefinition): ServedFunction['inputs'] {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => [
      name,
      { dtype: dtype === 'float32' ? 'float32' : 'int32', shape },
    ]),
  );
}

function frozen(served: ServedFunction, { model, valueOf }: ExportParts): Uint8Array {
  const graph = new GraphBuilder();
  const specs = { ...model.parameters, ...model.state };
  const signature = addServedFunction(graph, served, Object.keys(served.outputs), (name) =>
    graph.constant(DATA_TYPE.float32, specs[name]?.shape ?? unknown(name), valueOf(name), name),
  );
  return savedModelBytes(graph, { serving_default: signature });
}

function withVariables(served: ServedFunction, { model }: ExportParts): Uint8Array {
  const graph = new GraphBuilder();
  const variables = new GraphVariables(graph);
  for (const [name, { shape }] of Object.entries({ ...model.parameters, ...model.state }))
    variables.add(name, shape);
  const signature = addServedFunction(graph, served, Object.keys(served.outputs), (name) =>
    variables.value(name),
  );
  const { prefix, restored, restoreOp } = addRestore(graph, variables, 'checkpoint');
  const saver = {
    filename_tensor_name: prefix,
    save_tensor_name: restored,
    restore_op_name: restoreOp,
    version: 2,
  };
  return savedModelBytes(graph, { serving_default: signature }, saver);
}

function unknown(name: string): never {
  throw new AssayError('INTERNAL', `the prediction uses '${name}', which the model does not declare`);
}
