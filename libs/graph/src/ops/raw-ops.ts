import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { nativeBackend, type NativeAttribute, type NativeTensor } from '../native-backend.js';

/** A chain of ops whose intermediate values have types that tfjs has no tensors of, such as uint64. */
export class RawOps {
  readonly #values: NativeTensor[] = [];

  /**
   * Runs a chain and frees everything that it left in the engine, except for its result.
   *
   * @param compute gives the result, of a type that tfjs knows
   * @returns the result as a tensor that tidy tracks
   */
  static chain<T extends tf.Tensor>(compute: (raw: RawOps) => NativeTensor): T {
    const raw = new RawOps();
    let result: NativeTensor | undefined;
    try {
      result = compute(raw);
      return nativeBackend().createOutputTensor(result) as T; // the caller knows the shape
    } finally {
      const { binding } = nativeBackend();
      for (const value of raw.#values) if (value !== result) binding.deleteTensor(value.id);
    }
  }

  /** Runs an op of one output. */
  run(
    op: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly (NativeTensor | tf.Tensor)[],
  ): NativeTensor {
    const [output] = this.runAll(op, attributes, inputs, 1);
    if (output === undefined) throw new AssayError('INTERNAL', `op '${op}' gave no output`);
    return output;
  }

  /** Runs an op of several outputs. */
  runAll(
    op: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly (NativeTensor | tf.Tensor)[],
    numOutputs: number,
  ): NativeTensor[] {
    const ids = inputs.map((input) =>
      input instanceof tf.Tensor ? (nativeBackend().getInputTensorIds([input])[0] ?? -1) : input.id,
    );
    const outputs = nativeBackend().binding.executeOp(op, attributes, ids, numOutputs);
    this.#values.push(...outputs);
    return outputs;
  }
}
