import { AssayError } from '@assay/core';
import { dataTypeName, DATA_TYPE, type TensorValues } from './data-types.js';
import { nativeBackend, type NativeAttribute, type NativeBinding } from './native-backend.js';

/** Where a value of a recording comes from. */
export type ValueRef =
  | { kind: 'given'; name: string; dtype: number }
  | { kind: 'constant'; index: number; dtype: number }
  | { kind: 'operation'; index: number; output: number; dtype: number };

export interface RecordedOperation {
  op: string;
  attributes: readonly NativeAttribute[];
  inputs: readonly ValueRef[];
}

export interface RecordedConstant {
  shape: readonly number[];
  dtype: number;
  values: TensorValues;
}

/** Everything that the engine was asked to do while a function ran once. */
export interface Recording<R> {
  operations: RecordedOperation[];
  constants: RecordedConstant[];
  result: R;
}

/** Gives the recorded origin of a tensor of the engine. */
export type RefOf = (tensorId: number) => ValueRef;

/**
 * Runs `fn` behind a proxy of the native binding that notes every op and every tensor made from JavaScript values.
 * Tensor ids name values: the engine never reuses one.
 *
 * @param given tensors, by engine id, whose values are not part of the recording: parameters and inputs
 * @throws TRACE_UNSUPPORTED when `fn` reads a value that depends on `given`, or uses a tensor from outside
 */
export function record<R>(given: ReadonlyMap<number, ValueRef>, fn: (refOf: RefOf) => R): Recording<R> {
  const backend = nativeBackend();
  const binding = backend.binding;
  const recorder = new Recorder(binding, given);
  backend.binding = recorder.binding;
  try {
    const result = fn((id) => recorder.refOf(id, 'the result'));
    return { operations: recorder.operations, constants: recorder.constants, result };
  } finally {
    backend.binding = binding;
  }
}

class Recorder {
  readonly operations: RecordedOperation[] = [];
  readonly constants: RecordedConstant[] = [];
  readonly binding: NativeBinding;
  readonly #refs: Map<number, ValueRef>;
  readonly #real: NativeBinding;

  constructor(real: NativeBinding, given: ReadonlyMap<number, ValueRef>) {
    this.#real = real;
    this.#refs = new Map(given);
    const overrides: Pick<NativeBinding, 'createTensor' | 'executeOp' | 'tensorDataSync'> = {
      createTensor: (...args) => this.#createTensor(...args),
      executeOp: (...args) => this.#executeOp(...args),
      tensorDataSync: (id) => this.#tensorDataSync(id),
    };
    // The members of the addon are read-only: they are redefined on an heir, not assigned.
    const descriptors = Object.fromEntries(
      Object.entries(overrides).map(([name, value]) => [name, { value }]),
    );
    this.binding = Object.create(real, descriptors) as NativeBinding; // Object.create is untyped
  }

  refOf(id: number, user: string): ValueRef {
    const ref = this.#refs.get(id);
    if (ref !== undefined) return ref;
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `${user} uses a tensor that was made before the function ran. A traced function may only use its parameters, its inputs and tensors that it makes itself. Fix: pass that tensor as a parameter.`,
    );
  }

  #createTensor(shape: readonly number[], dtype: number, values: unknown): number {
    if (!isTensorValues(values)) {
      throw new AssayError(
        'TRACE_UNSUPPORTED',
        `The function makes a ${dataTypeName(dtype)} tensor of shape [${shape.join(', ')}]; a traced function may make float32, int32 and bool tensors. Fix: keep strings and complex numbers out of it.`,
      );
    }
    const id = this.#real.createTensor(shape, dtype, values);
    this.#refs.set(id, { kind: 'constant', index: this.constants.length, dtype });
    this.constants.push({ shape: [...shape], dtype, values: values.slice() });
    return id;
  }

  #executeOp(...[op, attributes, inputIds, numOutputs]: Parameters<NativeBinding['executeOp']>) {
    const inputs = inputIds.map((id) => this.refOf(id, `op '${op}'`));
    const outputs = this.#real.executeOp(op, attributes, inputIds, numOutputs);
    const index = this.operations.length;
    this.operations.push({ op, attributes, inputs });
    outputs.forEach(({ id, dtype }, output) =>
      this.#refs.set(id, { kind: 'operation', index, output, dtype }),
    );
    return outputs;
  }

  #tensorDataSync(id: number): TensorValues {
    const ref = this.#refs.get(id);
    if (ref === undefined || ref.kind === 'constant') return this.#real.tensorDataSync(id);
    const source =
      ref.kind === 'given' ? `'${ref.name}'` : `the result of op '${this.operations[ref.index]?.op ?? '?'}'`;
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `The function reads ${source} on the host (dataSync, data, array, or an op that needs values, like tf.gather and tf.booleanMask). A graph has no values while it is traced. Fix: compute with tensor ops only; use embeddingLookup for tf.gather.`,
    );
  }
}

// Not by instanceof alone: float32, int32 and bool are the three element types that the engine takes as typed arrays.
const isTensorValues = (values: unknown): values is TensorValues =>
  values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array;

/** Engine code of the dtype of a tfjs tensor. */
export function dataTypeOf(dtype: string): number {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return DATA_TYPE[dtype];
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `A traced function takes float32, int32 and bool tensors; got ${dtype}. Fix: cast it before.`,
  );
}
