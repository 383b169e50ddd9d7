import { tf } from '@assay/tensorflow';

/** One attribute of an op, as the native binding takes it. */
export interface NativeAttribute {
  name: string;
  /** Kind of the value: `TF_ATTR_…` of the binding. */
  type: number;
  value: boolean | number | string | readonly number[] | readonly boolean[];
}

/** A tensor that lives in the engine. */
export interface NativeTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** The part of the native binding that graphs need. */
export interface NativeBinding {
  createTensor(shape: readonly number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    op: string,
    attributes: readonly NativeAttribute[],
    inputIds: readonly number[],
    numOutputs: number,
  ): NativeTensor[];
  loadSavedModel(dir: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): NativeTensor[];
}

interface NativeBackend {
  binding: NativeBinding;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(tensor: NativeTensor): tf.Tensor;
}

/** The engine behind tfjs. */
export function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend; // the members exist; tfjs-node-gpu declares some of them private
}
