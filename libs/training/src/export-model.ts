import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '@assay/core';
import { writeSafetensors, type SafeTensor } from '@assay/data';
import { loadSavedModel, traceFunction, writeSavedModel, type InputSignature } from '@assay/graph';
import { INFERENCE, type Model, type ParameterTensors } from '@assay/models';
import { pickInputs, type InputSpecs } from '@assay/preprocess';
import { tf } from '@assay/tensorflow';
import { inputTensors } from './batch-tensors.js';
import type { NamedArrays } from './named-arrays.js';
import type { TrainingData } from './train.js';
import type { TrainingBatch } from './training-session.js';

/** Largest difference of a logit between the eager model and its graph, relative where the logit exceeds 1. */
const TOLERANCE = 1e-5;

interface ExportOptions {
  model: Model;
  weights: NamedArrays;
  /** Gives the validation records on which the written graph is checked. */
  data: Pick<TrainingData, 'batches'>;
  dir: string;
}

/**
 * Writes `model.safetensors`, `model.json` and the inference graph `saved_model/`, then loads the graph again and
 * compares its logits with those of the eager model.
 *
 * @throws GOLDEN_MISMATCH when they differ by more than 1e-5
 */
export async function exportModel({ model, weights, data, dir }: ExportOptions): Promise<void> {
  await writeSafetensors(join(dir, 'model.safetensors'), tensorsOf(model, weights));
  const description = {
    schemaVersion: 1,
    name: model.name,
    numParameters: model.numParameters,
    ...model.architecture,
  };
  await writeFile(join(dir, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
  const savedModelDir = join(dir, 'saved_model');
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [
      name,
      tf.tensor(weights[name] ?? [], [...shape]),
    ]),
  );
  try {
    const forward = (values: ParameterTensors, inputs: Record<string, tf.Tensor>) =>
      model.forward(values, inputs, INFERENCE);
    const program = traceFunction(forward, { inputs: signatureOf(model.inputs), parameters });
    await writeSavedModel(savedModelDir, program);
    for await (const batch of data.batches('validation', { batchSize: 64 })) {
      verifyGraph(savedModelDir, model, parameters, batch);
      break;
    }
  } finally {
    tf.dispose(parameters);
  }
}

function tensorsOf(model: Model, weights: NamedArrays): Record<string, SafeTensor> {
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [
      name,
      { dtype: 'F32', shape, data: weights[name] ?? new Float32Array() },
    ]),
  );
}

/** uint8 inputs are fed as int32. */
function signatureOf(specs: InputSpecs): Record<string, InputSignature> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { dtype, shape }]) => [
      name,
      { dtype: dtype === 'float32' ? 'float32' : 'int32', shape: [null, ...shape] },
    ]),
  );
}

function verifyGraph(dir: string, model: Model, parameters: ParameterTensors, batch: TrainingBatch): void {
  const inputs = inputTensors(model.inputs, batch.inputs);
  const runner = loadSavedModel(dir);
  try {
    const eager = tf.tidy(() => Array.from(model.forward(parameters, inputs, INFERENCE).logit_BK.dataSync()));
    const { logit_BK } = runner.run(pickInputs(model.inputs, batch.inputs));
    const difference = Math.max(
      ...eager.map((value, i) => Math.abs(value - Number(logit_BK?.data[i])) / Math.max(1, Math.abs(value))),
    );
    if (!(difference <= TOLERANCE)) {
      throw new AssayError(
        'GOLDEN_MISMATCH',
        `The written graph gives logits that differ by ${difference} from the model that was trained; at most ${TOLERANCE} was expected. Fix: report this as a defect with the pipeline file.`,
      );
    }
  } finally {
    runner.dispose();
    tf.dispose(inputs);
  }
}
