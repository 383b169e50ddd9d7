import { AssayError } from '@assay/core';
import { describeSizes, type AxisSizes } from './axes.js';
import { DATA_TYPE } from './data-types.js';
import { explainNumber, type SizeExpression } from './explain-number.js';
import { originOf } from './origin.js';
import type { RecordedConstant } from './recording.js';

/** A constant of a traced program. */
export type TracedConstant =
  | ({ kind: 'fixed' } & RecordedConstant)
  | { kind: 'elements'; dtype: number; shape: readonly number[]; elements: readonly SizeExpression[] }
  | { kind: 'fill'; dtype: number; shape: readonly SizeExpression[]; value: number };

/** Longest constant whose elements are explained one by one: shapes, slices, paddings and scalars. */
const MAX_ELEMENTS = 16;

/**
 * One constant of a program from its values in every recording.
 *
 * @param versions the constant in each recording
 * @param points sizes of the named axes in each recording
 * @param user the op that takes it, for messages
 * @throws TRACE_UNSUPPORTED when it depends on the sizes in another way than a term, a polynomial or a uniform fill
 */
export function explainConstant(
  versions: readonly RecordedConstant[],
  points: readonly AxisSizes[],
  user: string,
): TracedConstant {
  const [first, ...others] = versions;
  if (first === undefined) throw new AssayError('INTERNAL', 'a constant without a recording');
  const { shape } = first;
  const sameShape = others.every((other) => String(other.shape) === String(shape));
  if (sameShape && others.every((other) => sameValues(other, first))) return { kind: 'fixed', ...first };
  const explained = sameShape ? explainElements(versions, points) : explainFill(versions, points);
  if (explained !== undefined) return explained;
  const samples = versions.map(
    ({ values }, i) =>
      `${describeSizes(points[i] ?? {})}: ${Array.from(values.subarray(0, 4)).join(', ')}${values.length > 4 ? ', …' : ''}`,
  );
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `${user} takes a constant of shape [${shape.join(', ')}]${originOf(first.stack)} that changes from run to run (${samples.join('; ')}) and is not a·B + b, a / B or one repeated value. Causes: Math.random, tf.randomUniform, tf.dropout, a clock, a counter, or data sized by the batch. Fix: make it an input, or use the dropout of @assay/graph.`,
  );
}

const sameValues = (a: RecordedConstant, b: RecordedConstant): boolean =>
  a.values.every((value, i) => Object.is(value, b.values[i]));

function explainElements(
  versions: readonly RecordedConstant[],
  points: readonly AxisSizes[],
): TracedConstant | undefined {
  const [first] = versions;
  if (first === undefined || first.values.length > MAX_ELEMENTS || first.dtype === DATA_TYPE.bool)
    return undefined;
  const elements = Array.from(first.values, (_, j) =>
    explainNumber(
      versions.map(({ values }) => values[j] ?? NaN),
      points,
      first.dtype === DATA_TYPE.int32,
    ),
  );
  return elements.every((element) => element !== undefined)
    ? { kind: 'elements', dtype: first.dtype, shape: first.shape, elements }
    : undefined;
}

function explainFill(
  versions: readonly RecordedConstant[],
  points: readonly AxisSizes[],
): TracedConstant | undefined {
  const [first] = versions;
  const value = first?.values[0];
  if (first === undefined || value === undefined) return undefined;
  if (
    !versions.every(
      ({ values, shape }) =>
        shape.length === first.shape.length && values.every((other) => Object.is(other, value)),
    )
  )
    return undefined;
  const shape = first.shape.map((_, axis) =>
    explainNumber(
      versions.map((version) => version.shape[axis] ?? NaN),
      points,
      true,
    ),
  );
  return shape.every((length) => length !== undefined)
    ? { kind: 'fill', dtype: first.dtype, shape, value }
    : undefined;
}
