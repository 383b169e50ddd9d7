import { AssayError } from '@assay/core';
import { DATA_TYPE } from './data-types.js';
import type { RecordedConstant } from './recording.js';

/** A number as a function of the batch size B: scale · B + offset, or numerator / B. */
export type BatchExpression =
  { kind: 'affine'; scale: number; offset: number } | { kind: 'inverse'; numerator: number };

/** A constant of a traced program. */
export type TracedConstant =
  | ({ kind: 'fixed' } & RecordedConstant)
  | { kind: 'elements'; dtype: number; shape: readonly number[]; elements: readonly BatchExpression[] }
  | { kind: 'fill'; dtype: number; shape: readonly BatchExpression[]; value: number };

/** Longest constant whose elements are explained one by one: shapes, slices, paddings and scalars. */
const MAX_ELEMENTS = 16;

/** float32 has a relative rounding error of 6e-8; a value in a recording went through a few roundings. */
const RELATIVE_TOLERANCE = 2e-6;

const near = (a: number, b: number): boolean => Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.abs(b);

/**
 * The function of the batch size that gives the observed numbers, or undefined when there is none of the known kinds.
 * Integers must agree exactly; an odd and an even size tell ceil(B / 2) from B / 2 + 1 / 2.
 *
 * @param observed one number per batch size
 */
export function explainNumber(
  observed: readonly number[],
  batchSizes: readonly number[],
  isInteger: boolean,
): BatchExpression | undefined {
  const [first = NaN, second = NaN] = observed;
  if (observed.every((value) => Object.is(value, first))) return { kind: 'affine', scale: 0, offset: first };
  const [firstSize = NaN, secondSize = NaN] = batchSizes;
  const scale = (second - first) / (secondSize - firstSize);
  const offset = first - scale * firstSize;
  const predicts = (predict: (size: number) => number): boolean =>
    batchSizes.every((size, i) =>
      isInteger ? predict(size) === observed[i] : near(predict(size), observed[i] ?? NaN),
    );
  if (predicts((size) => scale * size + offset)) return { kind: 'affine', scale, offset };
  const numerator = first * firstSize;
  if (!isInteger && predicts((size) => numerator / size)) return { kind: 'inverse', numerator };
  return undefined;
}

/**
 * One constant of a program from its values in every recording.
 *
 * @param versions the constant in each recording
 * @param user the op that takes it, for messages
 * @throws TRACE_UNSUPPORTED when it depends on the batch in another way than a·B + b, a / B or a uniform fill
 */
export function explainConstant(
  versions: readonly RecordedConstant[],
  batchSizes: readonly number[],
  user: string,
): TracedConstant {
  const [first, ...others] = versions;
  if (first === undefined) throw new AssayError('INTERNAL', 'a constant without a recording');
  const { shape } = first;
  const sameShape = others.every((other) => String(other.shape) === String(shape));
  if (sameShape && others.every((other) => sameValues(other, first))) return { kind: 'fixed', ...first };
  const explained = sameShape ? explainElements(versions, batchSizes) : explainFill(versions, batchSizes);
  if (explained !== undefined) return explained;
  const samples = versions.map(
    ({ values }, i) =>
      `B=${batchSizes[i]}: ${Array.from(values.subarray(0, 4)).join(', ')}${values.length > 4 ? ', …' : ''}`,
  );
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `${user} takes a constant of shape [${shape.join(', ')}] that changes from run to run (${samples.join('; ')}) and is not a·B + b, a / B or one repeated value. Causes: Math.random, tf.randomUniform, tf.dropout, a clock, a counter, or data sized by the batch. Fix: make it an input, or use the dropout of @assay/graph.`,
  );
}

const sameValues = (a: RecordedConstant, b: RecordedConstant): boolean =>
  a.values.every((value, i) => Object.is(value, b.values[i]));

function explainElements(
  versions: readonly RecordedConstant[],
  batchSizes: readonly number[],
): TracedConstant | undefined {
  const [first] = versions;
  if (first === undefined || first.values.length > MAX_ELEMENTS || first.dtype === DATA_TYPE.bool)
    return undefined;
  const elements = Array.from(first.values, (_, j) =>
    explainNumber(
      versions.map(({ values }) => values[j] ?? NaN),
      batchSizes,
      first.dtype === DATA_TYPE.int32,
    ),
  );
  return elements.every((element) => element !== undefined)
    ? { kind: 'elements', dtype: first.dtype, shape: first.shape, elements }
    : undefined;
}

function explainFill(
  versions: readonly RecordedConstant[],
  batchSizes: readonly number[],
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
      batchSizes,
      true,
    ),
  );
  return shape.every((length) => length !== undefined)
    ? { kind: 'fill', dtype: first.dtype, shape, value }
    : undefined;
}
