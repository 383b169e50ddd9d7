import { AssayError } from '@assay/core';
import type { SavedModelRunner } from '@assay/graph';
import type { ModelInputs } from '@assay/preprocess';
import type { Infer, ModelOutput } from './golden.js';
import type { MlModelFacts } from './ml-model-file.js';

/**
 * Lets a SavedModel take what a preprocessor makes: inputs that the model does not read are left out.
 *
 * @returns a function that blocks while the engine computes
 * @throws SHAPE_MISMATCH, DTYPE_MISMATCH when the inputs do not fit the model
 */
export function inferWith(runner: Pick<SavedModelRunner, 'inputs' | 'run'>): Infer {
  const names = Object.keys(runner.inputs);
  const compute = (inputs: ModelInputs): Record<string, ModelOutput> => {
    const feeds = Object.fromEntries(Object.entries(inputs).filter(([name]) => names.includes(name)));
    const outputs = Object.entries(runner.run(feeds)).map(
      ([name, { shape, data }]): [string, ModelOutput] => {
        if (data instanceof Float32Array) return [name, { shape, data }];
        throw new AssayError('DTYPE_MISMATCH', `The model's output ${name} is int32; expected float32.`);
      },
    );
    return Object.fromEntries(outputs);
  };
  return (inputs) => Promise.resolve().then(() => compute(inputs));
}

/** Inputs and outputs of a SavedModel as MLflow writes them: -1 is the batch. */
export function signatureTensors({
  inputs,
  outputs,
}: Pick<SavedModelRunner, 'inputs' | 'outputs'>): Pick<MlModelFacts, 'inputs' | 'outputs'> {
  const shown = (tensors: SavedModelRunner['inputs']): MlModelFacts['inputs'] =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { dtype, shape }]) => [
        name,
        { dtype, shape: shape.map((size) => size ?? -1) },
      ]),
    );
  return { inputs: shown(inputs), outputs: shown(outputs) };
}
