import { AssayError } from '@assay/core';
import type { tf } from '@assay/tensorflow';
import { nativeBackend } from '../native-backend.js';
import { boolAttribute, stringAttribute, typeAttribute } from '../ops/native-op.js';

/** `TF_ATTR_SHAPE`. @see tensorflow/c/tf_attrtype.h */
const SHAPE_KIND = 5;

let counter = 0;

/**
 * A float32 variable that lives in the engine, so that fused optimiser kernels can update it in place.
 * Belongs to its maker, who disposes it.
 */
export class ResourceVariable {
  /** Engine id of the handle. */
  readonly handle: number;

  constructor(shape: readonly number[]) {
    const attributes = [
      typeAttribute('dtype'),
      { name: 'shape', type: SHAPE_KIND, value: shape },
      stringAttribute('shared_name', `assay/${process.pid}/${counter++}`),
      stringAttribute('container', ''),
    ];
    const [handle] = nativeBackend().binding.executeOp('VarHandleOp', attributes, [], 1);
    if (handle === undefined) throw new AssayError('INTERNAL', 'the engine made no variable');
    this.handle = handle.id;
  }

  /** Takes the value of a tensor without copying it; the next in-place update copies if the tensor still lives. */
  assign(tensor: tf.Tensor): void {
    const backend = nativeBackend();
    const ids = [this.handle, ...backend.getInputTensorIds([tensor])];
    backend.binding.executeOp('AssignVariableOp', [typeAttribute('dtype')], ids, 0);
  }

  /** @returns the value of this moment; later updates do not change it. Caller disposes (or tidies). */
  read(): tf.Tensor {
    const backend = nativeBackend();
    const [value] = backend.binding.executeOp('ReadVariableOp', [typeAttribute('dtype')], [this.handle], 1);
    if (value === undefined) throw new AssayError('INTERNAL', 'the engine read no value');
    return backend.createOutputTensor(value);
  }

  dispose(): void {
    const { binding } = nativeBackend();
    binding.executeOp('DestroyResourceOp', [boolAttribute('ignore_lookup_error', true)], [this.handle], 0);
    binding.deleteTensor(this.handle);
  }
}
