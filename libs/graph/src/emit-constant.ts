import { AssayError } from '@assay/core';
import { DATA_TYPE, type TensorValues } from './data-types.js';
import type { TracedConstant } from './explain-constants.js';
import { fixedValue, type SizeExpression, type Term } from './explain-number.js';
import type { GraphBuilder, OutputRef } from './graph-builder.js';

/** Shortest constant that is written as one value and a shape when all its values are equal. */
const MIN_FILL = 64;

/** Node of the size of a named axis: an int32 scalar. */
export type SizeOf = (axis: string) => OutputRef;

/** Adds the nodes of a constant. */
export function emitConstant(graph: GraphBuilder, constant: TracedConstant, sizeOf: SizeOf): OutputRef {
  const { dtype } = constant;
  if (constant.kind === 'fixed') return emitFixed(graph, constant);
  if (constant.kind === 'elements') {
    const scalars = constant.elements.map((element) => emitExpression(graph, element, dtype, sizeOf));
    const [only] = scalars;
    if (constant.shape.length === 0 && only !== undefined) return only;
    const packed = graph.pack(scalars, dtype);
    return constant.shape.length === 1 ? packed : graph.reshape(packed, dtype, graph.ints(constant.shape));
  }
  const lengths = constant.shape.map((length) => emitExpression(graph, length, DATA_TYPE.int32, sizeOf));
  return graph.fill(graph.pack(lengths, DATA_TYPE.int32), scalarOf(graph, constant.value, dtype), dtype);
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

/** A sum of terms, as nodes. */
function emitExpression(
  graph: GraphBuilder,
  expression: SizeExpression,
  dtype: number,
  sizeOf: SizeOf,
): OutputRef {
  const fixed = fixedValue(expression);
  if (fixed !== undefined) return scalarOf(graph, fixed, dtype);
  const [first, ...others] = expression.map((term) => emitTerm(graph, term, dtype, sizeOf));
  if (first === undefined) throw new AssayError('INTERNAL', 'a constant without terms');
  return others.reduce((sum, term) => graph.binary('AddV2', sum, term, dtype), first);
}

/** factor · Π size^power: the products of sizes are exact in int32, and rounded once. */
function emitTerm(graph: GraphBuilder, { factor, powers }: Term, dtype: number, sizeOf: SizeOf): OutputRef {
  const product = (sign: 1 | -1): OutputRef | undefined => {
    const sizes = Object.entries(powers).flatMap(([axis, power]) =>
      Array.from({ length: Math.max(0, sign * power) }, () => sizeOf(axis)),
    );
    const [first, ...others] = sizes;
    if (first === undefined) return undefined;
    const whole = others.reduce((all, size) => graph.binary('Mul', all, size, DATA_TYPE.int32), first);
    return dtype === DATA_TYPE.int32 ? whole : graph.cast(whole, DATA_TYPE.int32, dtype);
  };
  const [over, under] = [product(1), product(-1)];
  const scaled =
    over === undefined
      ? scalarOf(graph, factor, dtype)
      : factor === 1
        ? over
        : graph.binary('Mul', over, scalarOf(graph, factor, dtype), dtype);
  return under === undefined ? scaled : graph.binary('RealDiv', scaled, under, dtype);
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
