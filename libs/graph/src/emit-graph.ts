import { AssayError } from '@assay/core';
import { DATA_TYPE, type TensorValues } from './data-types.js';
import type { BatchExpression, TracedConstant } from './explain-constants.js';
import type { GraphBuilder, OutputRef } from './graph-builder.js';
import type { MergedRecording } from './merge-recordings.js';
import { graphAttributes } from './op-attributes.js';
import type { ValueRef } from './recording.js';

/** Shortest constant that is written as one value and a shape when all its values are equal. */
const MIN_FILL = 64;

interface EmitOptions {
  program: MergedRecording;
  /** The values that are wanted; what they do not need is left out. */
  results: readonly ValueRef[];
  /** Node of a parameter or an input. */
  given: (name: string) => OutputRef;
  /** int32 scalar; undefined when no input has a batch axis. */
  batchSize?: OutputRef;
  /** Prefix of the names of the nodes. */
  scope: string;
}

/**
 * Adds a traced program to a graph.
 *
 * @returns the nodes of the results, in order
 */
export function emitGraph(
  graph: GraphBuilder,
  { program, results, given, batchSize, scope }: EmitOptions,
): OutputRef[] {
  const constants = new Map<number, OutputRef>();
  const outputs = new Map<number, string>();
  const resolve = (ref: ValueRef): OutputRef => {
    if (ref.kind === 'given') return given(ref.name);
    if (ref.kind === 'operation') {
      const node = outputs.get(ref.index) ?? '';
      return ref.output === 0 ? node : `${node}:${ref.output}`;
    }
    const node = constants.get(ref.index) ?? emitConstant(graph, constantAt(program, ref.index), batchSize);
    constants.set(ref.index, node);
    return node;
  };
  const live = liveOperations(program, results);
  program.operations.forEach((operation, i) => {
    if (!live.has(i)) return;
    const node = graph.node(
      operation.op,
      operation.inputs.map(resolve),
      graphAttributes(operation),
      `${scope}/${operation.op}`,
    );
    outputs.set(i, node);
  });
  return results.map(resolve);
}

/** Indices of the operations that the results depend on. */
function liveOperations({ operations }: MergedRecording, results: readonly ValueRef[]): Set<number> {
  const live = new Set<number>();
  const visit = (ref: ValueRef): void => {
    if (ref.kind === 'operation') live.add(ref.index);
  };
  results.forEach(visit);
  for (let i = operations.length - 1; i >= 0; i--) if (live.has(i)) operations[i]?.inputs.forEach(visit);
  return live;
}

function constantAt({ constants }: MergedRecording, index: number): TracedConstant {
  const constant = constants[index];
  if (constant === undefined) throw new AssayError('INTERNAL', `the trace has no constant ${index}`);
  return constant;
}

function emitConstant(
  graph: GraphBuilder,
  constant: TracedConstant,
  batchSize: OutputRef | undefined,
): OutputRef {
  const { dtype } = constant;
  if (constant.kind === 'fixed') return emitFixed(graph, constant);
  if (constant.kind === 'elements') {
    const scalars = constant.elements.map((element) => emitExpression(graph, element, dtype, batchSize));
    const [only] = scalars;
    if (constant.shape.length === 0 && only !== undefined) return only;
    const packed = graph.pack(scalars, dtype);
    return constant.shape.length === 1 ? packed : emitReshape(graph, packed, dtype, constant.shape);
  }
  const shape = graph.pack(
    constant.shape.map((length) => emitExpression(graph, length, DATA_TYPE.int32, batchSize)),
    DATA_TYPE.int32,
  );
  return graph.fill(shape, scalarOf(graph, constant.value, dtype), dtype);
}

function emitReshape(
  graph: GraphBuilder,
  input: OutputRef,
  dtype: number,
  shape: readonly number[],
): OutputRef {
  return graph.node('Reshape', [input, graph.ints(shape)], {
    T: { type: dtype },
    Tshape: { type: DATA_TYPE.int32 },
  });
}

function emitFixed(
  graph: GraphBuilder,
  { dtype, shape, values }: { dtype: number; shape: readonly number[]; values: TensorValues },
): OutputRef {
  const [first] = values;
  const uniform =
    first !== undefined && values.length >= MIN_FILL && values.every((value) => Object.is(value, first));
  return uniform
    ? graph.fill(graph.ints(shape), scalarOf(graph, first, dtype), dtype)
    : graph.constant(dtype, shape, values);
}

/** scale · B + offset or numerator / B, as nodes. */
function emitExpression(
  graph: GraphBuilder,
  expression: BatchExpression,
  dtype: number,
  batchSize: OutputRef | undefined,
): OutputRef {
  const constant = (value: number): OutputRef => scalarOf(graph, value, dtype);
  if (expression.kind === 'affine' && expression.scale === 0) return constant(expression.offset);
  if (batchSize === undefined)
    throw new AssayError(
      'INTERNAL',
      'a constant depends on the batch size of a function without a batch axis',
    );
  const size = dtype === DATA_TYPE.int32 ? batchSize : graph.cast(batchSize, DATA_TYPE.int32, dtype);
  if (expression.kind === 'inverse')
    return graph.binary('RealDiv', constant(expression.numerator), size, dtype);
  const scaled = expression.scale === 1 ? size : graph.binary('Mul', size, constant(expression.scale), dtype);
  return expression.offset === 0 ? scaled : graph.binary('AddV2', scaled, constant(expression.offset), dtype);
}

function scalarOf(graph: GraphBuilder, value: number, dtype: number): OutputRef {
  const values =
    dtype === DATA_TYPE.int32
      ? Int32Array.of(value)
      : dtype === DATA_TYPE.bool
        ? Uint8Array.of(value)
        : Float32Array.of(value);
  return graph.constant(dtype, [], values);
}
