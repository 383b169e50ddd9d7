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

/** factor · Π size^power: the products of sizes are exact, for floats in int64, and rounded once. */
function emitTerm(
  graph: GraphBuilder,
  { factor, powers, over }: Term,
  dtype: number,
  sizeOf: SizeOf,
): OutputRef {
  const product = (sign: 1 | -1): OutputRef | undefined => {
    const sizes = Object.entries(powers).flatMap(([axis, power]) =>
      Array.from({ length: Math.max(0, sign * power) }, () => sizeOf(axis)),
    );
    // 46,341² no longer fits int32.
    const exact = dtype === DATA_TYPE.int32 || sizes.length < 2 ? DATA_TYPE.int32 : DATA_TYPE.int64;
    const wide =
      exact === DATA_TYPE.int32 ? sizes : sizes.map((size) => graph.cast(size, DATA_TYPE.int32, exact));
    const [first, ...others] = wide;
    if (first === undefined) return undefined;
    const whole = others.reduce((all, size) => graph.binary('Mul', all, size, exact), first);
    return dtype === exact ? whole : graph.cast(whole, exact, dtype);
  };
  const [above, under] = [product(1), product(-1)];
  const scaled =
    above === undefined
      ? scalarOf(graph, factor, dtype)
      : factor === 1
        ? above
        : graph.binary('Mul', above, scalarOf(graph, factor, dtype), dtype);
  const divided = under === undefined ? scaled : graph.binary('RealDiv', scaled, under, dtype);
  return over === undefined
    ? divided
    : graph.binary('RealDiv', divided, emitExpression(graph, over, dtype, sizeOf), dtype);
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
