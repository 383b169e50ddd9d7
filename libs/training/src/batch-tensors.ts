import { AssayError } from '@assay/core';
import type { InputTensors } from '@assay/models';
import type { InputName, InputSpecs, ModelInputs } from '@assay/preprocess';
import { tf } from '@assay/tensorflow';

/**
 * Uploads the inputs that a model reads; uint8 becomes int32, which is what the graph takes.
 *
 * @returns tensors that belong to the caller
 * @throws SHAPE_MISMATCH when an input is missing or its axes differ from the spec
 */
export function inputTensors(specs: InputSpecs, inputs: ModelInputs): InputTensors {
  const names = Object.keys(specs) as InputName[]; // the keys of InputSpecs
  for (const name of names) {
    const expected = specs[name]?.shape.join(', ') ?? '';
    const received = inputs[name]?.shape.slice(1).join(', ') ?? 'nothing';
    if (expected !== received) {
      throw new AssayError(
        'SHAPE_MISMATCH',
        `Input '${name}' must have the axes [B, ${expected}]; got [B, ${received}]. Fix: prepare the data with the config that the model was made from.`,
      );
    }
  }
  return Object.fromEntries(
    names.flatMap((name) => {
      const input = inputs[name];
      if (input === undefined) return [];
      return [
        [name, tf.tensor(input.data, [...input.shape], input.dtype === 'float32' ? 'float32' : 'int32')],
      ];
    }),
  );
}
