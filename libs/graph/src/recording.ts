import { AssayError } from '@assay/core';
import type { tf } from '@assay/tensorflow';
import { dataTypeName, DATA_TYPE, type TensorValues } from './data-types.js';
import {
  nativeBackend,
  type NativeAttribute,
  type NativeBinding,
  type NativeTensor,
} from './native-backend.js';
import { BATCH, type AxisSizes } from './axes.js';
import { captureStack, originOf, withDeepStacks, type Stack } from './origin.js';
import { asTraceError } from './trace-error.js';

/** Where a value of a recording comes from. */
export type ValueRef =
  | { kind: 'given'; name: string; dtype: number }
  | { kind: 'constant'; index: number; dtype: number }
  | { kind: 'operation'; index: number; output: number; dtype: number };

export interface RecordedOperation {
  op: string;
  attributes: readonly NativeAttribute[];
  inputs: readonly ValueRef[];
  /** Values that must be there before the op may run, though it does not take them. */
  controls?: readonly ValueRef[];
  /** Whether it is computed in float32 under mixed precision too. */
  isExact?: boolean;
  /** Whether it broadcasts tensors of different ranks to one that has a row for each pair of rows of the batch. */
  pairsRows?: boolean;
  stack?: Stack;
}

export interface RecordedConstant {
  shape: readonly number[];
  dtype: number;
  values: TensorValues;
  stack?: Stack;
}

/** Ops whose results have a length that depends on values: a graph that was recorded with other values would be wrong. */
const SIZED_BY_VALUES = new Set([
  ...[
    'Unique',
    'UniqueV2',
    'UniqueWithCounts',
    'Where',
    'ListDiff',
    'DynamicPartition',
    'SparseFillEmptyRows',
  ],
  ...['NonMaxSuppressionV2', 'NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5'],
  ...['SparseReshape', 'StringSplitV2', 'RaggedTensorToTensor', 'StringNGrams'],
]);

/** Ops that draw from a state of their own in the graph: other numbers in every run, whatever the seed and the step. */
const DRAWS_BY_ITSELF = new Set([
  ...['Multinomial', 'RandomStandardNormal', 'RandomUniform', 'RandomUniformInt', 'TruncatedNormal'],
  ...['ParameterizedTruncatedNormal', 'RandomGamma', 'RandomPoissonV2', 'RandomShuffle'],
]);

/** Ops of two tensors that repeat the axes of one along those of the other. */
const BROADCASTING = new Set([
  ...['Add', 'AddV2', 'Sub', 'Mul', 'Div', 'RealDiv', 'FloorDiv', 'Pow', 'SquaredDifference'],
  ...['Maximum', 'Minimum', 'Mod', 'FloorMod', 'Atan2', 'LogicalAnd', 'LogicalOr'],
  ...['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'],
]);

/** The recorder that is at work, if any: recordings do not nest. */
let active: Recorder | undefined;

/**
 * The tensor itself, computed after others. In a graph, ops that use the result are not merged with equal ops that use
 * the tensor, and cannot run before the others are there.
 *
 * @returns a tensor like `tensor`. Caller disposes.
 */
export function computedAfter<T extends tf.Tensor>(tensor: T, others: readonly tf.Tensor[]): T {
  const backend = nativeBackend();
  const ids = backend.getInputTensorIds([tensor, ...others]);
  const attribute = { name: 'T', type: TYPE_KIND, value: dataTypeOf(tensor.dtype) };
  const [result] = backend.binding.executeOp('Identity', [attribute], ids.slice(0, 1), 1);
  if (result === undefined) throw new AssayError('INTERNAL', 'the engine made no copy');
  active?.addControls(ids.slice(1));
  return backend.createOutputTensor(result) as T; // Identity keeps the shape
}

/** Runs ops that stay in float32 under mixed precision: sums that are written as products. */
export function inFullPrecision<R>(fn: () => R): R {
  return active === undefined ? fn() : active.exactly(fn);
}

/** `TF_ATTR_TYPE`. @see tensorflow/c/tf_attrtype.h */
const TYPE_KIND = 4;

/** Everything that the engine was asked to do while a function ran once. */
export interface Recording<R> {
  operations: RecordedOperation[];
  constants: RecordedConstant[];
  result: R;
}

/** A tensor whose values are not part of a recording. */
export interface Given {
  ref: ValueRef;
  shape: readonly number[];
}

/** Gives the recorded origin of a tensor of the engine. */
export type RefOf = (tensorId: number) => ValueRef;

/**
 * Runs `fn` behind a proxy of the native binding that notes every op and every tensor made from JavaScript values.
 * Tensor ids name values: the engine never reuses one.
 *
 * @param given tensors, by engine id, whose values are not part of the recording: parameters and inputs
 * @param options.trained names of those that gradients are wanted for: `withinPart` looks after them
 * @param options.sizes of the named axes, for messages
 * @throws TRACE_UNSUPPORTED when `fn` reads a value that depends on `given`, uses a tensor from outside, draws random
 *   numbers in JavaScript, or records another function
 * @throws SHAPE_MISMATCH when an op gets tensors that do not fit each other
 */
export function record<R>(
  given: ReadonlyMap<number, Given>,
  fn: (refOf: RefOf) => R,
  { trained = [], sizes = {} }: { trained?: readonly string[]; sizes?: AxisSizes } = {},
): Recording<R> {
  if (active !== undefined)
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `A function that is traced compiles or traces another${originOf(captureStack())}. Fix: do that before, outside of it.`,
    );
  const backend = nativeBackend();
  const binding = backend.binding;
  const recorder = new Recorder(binding, { given, trained, batchSize: sizes[BATCH] });
  const { random } = Math;
  const { now } = Date;
  backend.binding = recorder.binding;
  active = recorder;
  Math.random = refuseRandom; // tfjs seeds its random ops from it
  const shift = ++numRecordings * CLOCK_SHIFT_MS;
  Date.now = () => now() + shift; // so that the time of day differs between recordings, and is noticed
  try {
    const result = withDeepStacks(() => fn((id) => recorder.refOf(id, 'the result')));
    return { operations: recorder.operations, constants: recorder.constants, result };
  } catch (error) {
    throw asTraceError(error, sizes);
  } finally {
    backend.binding = binding;
    active = undefined;
    Math.random = random;
    Date.now = now;
  }
}

let numRecordings = 0;

/** Some 116 days: float32 tells times of today apart from 131 s on. */
const CLOCK_SHIFT_MS = 1e10;

/** In place of Math.random, whose number would be part of the graph: the same in every step. */
function refuseRandom(): number {
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `The function draws from Math.random${originOf(captureStack())} (by itself, or in an op like tf.randomNormal or tf.dropout without a seed); a graph would give the same numbers in every step. Fix: use the dropout, noise or seed of the context.`,
  );
}

/**
 * Runs a part of a function that is computed again, and gets its gradients, apart from the rest: it may use its arguments,
 * what it makes itself, and inputs of the function.
 *
 * @returns the value of the part, and whether it depends on each of its arguments (where nothing is recorded: true)
 * @throws TRACE_UNSUPPORTED when an op of the part takes anything else
 */
export function withinPart<T extends tf.Tensor>(
  args: readonly tf.Tensor[],
  fn: () => T,
): { value: T; used: readonly boolean[] } {
  if (active === undefined) return { value: fn(), used: args.map(() => true) };
  const ids = nativeBackend().getInputTensorIds([...args]);
  const { value, used } = active.part(ids, fn);
  return { value, used: args.map((arg, i) => arg === value || used.has(ids[i] ?? -1)) };
}

interface Recorded {
  given: ReadonlyMap<number, Given>;
  trained: readonly string[];
  /** Length of the axis B, if there is one. */
  batchSize: number | undefined;
}

/** A part that runs. */
interface Part {
  args: ReadonlySet<number>;
  /** Arguments that an op took. */
  used: Set<number>;
  /** Numbers of operations and constants before it. */
  operations: number;
  constants: number;
}

class Recorder {
  readonly operations: RecordedOperation[] = [];
  readonly constants: RecordedConstant[] = [];
  readonly binding: NativeBinding;
  readonly #refs: Map<number, ValueRef>;
  readonly #real: NativeBinding;
  readonly #trained: readonly string[];
  readonly #batchSize: number | undefined;
  /** By engine id. */
  readonly #shapes: Map<number, readonly number[]>;
  #isExact = false;
  #part: Part | undefined;

  constructor(real: NativeBinding, { given, trained, batchSize }: Recorded) {
    this.#real = real;
    this.#batchSize = batchSize;
    this.#refs = new Map([...given].map(([id, { ref }]) => [id, ref]));
    this.#shapes = new Map([...given].map(([id, { shape }]) => [id, shape]));
    this.#trained = trained;
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
      `${user}${originOf(captureStack())} uses a tensor that was made before the function ran. A traced function may only use its parameters, its inputs and tensors that it makes itself. Fix: pass that tensor as a parameter.`,
    );
  }

  #createTensor(shape: readonly number[], dtype: number, values: unknown): number {
    if (!isTensorValues(values)) {
      throw new AssayError(
        'TRACE_UNSUPPORTED',
        `The function makes a ${dataTypeName(dtype)} tensor of shape [${shape.join(', ')}]${originOf(captureStack())}; a traced function may make float32, int32 and bool tensors. Fix: keep strings and complex numbers out of it.`,
      );
    }
    const id = this.#real.createTensor(shape, dtype, values);
    this.#refs.set(id, { kind: 'constant', index: this.constants.length, dtype });
    this.#shapes.set(id, [...shape]);
    this.constants.push({ shape: [...shape], dtype, values: values.slice(), stack: captureStack() });
    return id;
  }

  #executeOp(...[op, attributes, inputIds, numOutputs]: Parameters<NativeBinding['executeOp']>) {
    const inputs = inputIds.map((id) => this.refOf(id, `op '${op}'`));
    const stack = captureStack();
    if (SIZED_BY_VALUES.has(op)) {
      throw new AssayError(
        'TRACE_UNSUPPORTED',
        `Op '${op}'${originOf(stack)} gives a tensor whose length depends on values, which a graph of fixed shapes cannot follow. Fix: keep all rows and mask them, or do this before the step.`,
      );
    }
    if (DRAWS_BY_ITSELF.has(op)) {
      throw new AssayError(
        'TRACE_UNSUPPORTED',
        `Op '${op}'${originOf(stack)} draws other numbers in every run of a graph, whatever its seed, so that no run could be repeated. Fix: use the dropout, noise or seed of the context, or draw before the step and feed what was drawn.`,
      );
    }
    inputIds.forEach((id, i) => this.#assertInPart(op, id, inputs[i], stack));
    const outputs = this.#real.executeOp(op, attributes, inputIds, numOutputs);
    const index = this.operations.length;
    this.operations.push({
      ...{ op, attributes, inputs, stack },
      ...(this.#isExact && { isExact: true }),
      ...(this.#pairsRows(op, inputIds, outputs) && { pairsRows: true }),
    });
    outputs.forEach(({ id, dtype, shape }, output) => {
      this.#refs.set(id, { kind: 'operation', index, output, dtype });
      this.#shapes.set(id, shape);
    });
    return outputs;
  }

  #pairsRows(op: string, inputIds: readonly number[], outputs: readonly NativeTensor[]): boolean {
    if (!BROADCASTING.has(op) || this.#batchSize === undefined) return false;
    const shapes = inputIds.map((id) => this.#shapes.get(id) ?? []);
    const batchAxes = (shape: readonly number[]): number =>
      shape.filter((length) => length === this.#batchSize).length;
    const ranks = new Set(shapes.map(({ length }) => length));
    return ranks.size > 1 && shapes.every((s) => batchAxes(s) < 2) && batchAxes(outputs[0]?.shape ?? []) > 1;
  }

  exactly<R>(fn: () => R): R {
    const outer = this.#isExact;
    this.#isExact = true;
    try {
      return fn();
    } finally {
      this.#isExact = outer;
    }
  }

  part<R>(args: readonly number[], fn: () => R): { value: R; used: ReadonlySet<number> } {
    const outer = this.#part;
    const part: Part = {
      args: new Set(args),
      used: new Set(),
      operations: this.operations.length,
      constants: this.constants.length,
    };
    this.#part = part;
    try {
      return { value: fn(), used: part.used };
    } finally {
      for (const id of part.used) if (outer?.args.has(id) === true) outer.used.add(id);
      this.#part = outer;
    }
  }

  #assertInPart(op: string, id: number, ref: ValueRef | undefined, stack: Stack): void {
    if (this.#part === undefined || ref === undefined) return;
    if (this.#part.args.has(id)) {
      this.#part.used.add(id);
      return;
    }
    const isInside =
      ref.kind === 'given' ? !this.#trained.includes(ref.name) : ref.index >= this.#part[`${ref.kind}s`];
    if (isInside) return;
    const what = ref.kind === 'given' ? `'${ref.name}'` : 'a tensor that was made before it';
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `Op '${op}'${originOf(stack)} of a part that is computed again uses ${what}, to which no gradient would flow. Fix: give it to recompute under inputs or values, and take it from the arguments of the part.`,
    );
  }

  /** Lets the latest op wait for tensors. */
  addControls(ids: readonly number[]): void {
    const latest = this.operations.at(-1);
    if (latest !== undefined) latest.controls = ids.map((id) => this.refOf(id, `op '${latest.op}'`));
  }

  #tensorDataSync(id: number): TensorValues {
    const ref = this.#refs.get(id);
    if (ref === undefined || ref.kind === 'constant') return this.#real.tensorDataSync(id);
    const source =
      ref.kind === 'given' ? `'${ref.name}'` : `the result of op '${this.operations[ref.index]?.op ?? '?'}'`;
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `The function reads ${source} on the host${originOf(captureStack())} (dataSync, data, array, or an op that needs values, like tf.gather and tf.booleanMask). A graph has no values while it is traced. Fix: compute with tensor ops only; use embeddingLookup for tf.gather.`,
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
