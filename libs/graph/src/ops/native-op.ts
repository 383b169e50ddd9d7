import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { nativeBackend, type NativeAttribute } from '../native-backend.js';

/** Kinds of an attribute. @see tensorflow/c/tf_attrtype.h */
const KIND = { string: 0, int: 1, float: 2, bool: 3, type: 4 } as const;

export const typeAttribute = (name: string, value: number = DATA_TYPE.float32): NativeAttribute => ({
  name,
  type: KIND.type,
  value,
});
export const intAttribute = (name: string, value: number): NativeAttribute => ({
  name,
  type: KIND.int,
  value,
});
export const floatAttribute = (name: string, value: number): NativeAttribute => ({
  name,
  type: KIND.float,
  value,
});
export const boolAttribute = (name: string, value: boolean): NativeAttribute => ({
  name,
  type: KIND.bool,
  value,
});
export const stringAttribute = (name: string, value: string): NativeAttribute => ({
  name,
  type: KIND.string,
  value,
});

/** Runs a TensorFlow op of several outputs that tfjs has no kernel for. @returns tensors that tidy tracks */
export function nativeOps(
  op: string,
  attributes: readonly NativeAttribute[],
  inputs: readonly tf.TensorInfo[],
  numOutputs: number,
): tf.Tensor[] {
  const backend = nativeBackend();
  const results = backend.binding.executeOp(op, attributes, backend.getInputTensorIds(inputs), numOutputs);
  return results.map((result) => backend.createOutputTensor(result));
}

/** Runs a TensorFlow op of one output that tfjs has no kernel for. @returns a tensor that tidy tracks */
export function nativeOp<T extends tf.Tensor = tf.Tensor>(
  op: string,
  attributes: readonly NativeAttribute[],
  inputs: readonly tf.TensorInfo[],
): T {
  return nativeOps(op, attributes, inputs, 1)[0] as T; // the engine gives as many outputs as it was asked for
}

/** An int32 vector, for shapes. */
export const intVector = (values: readonly number[]): tf.Tensor1D => tf.tensor1d([...values], 'int32');
