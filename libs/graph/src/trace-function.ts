import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import type { tf } from '@assay/tensorflow';
import { axesOf, recordingPoints, shapeAt, type AxisLength, type AxisSizes } from './axes.js';
import { assertRecord } from './check-settings.js';
import type { FeedType } from './data-types.js';
import { mergeRecordings, type MergedRecording } from './merge-recordings.js';
import {
  assertSameResults,
  givenRefs,
  inTidy,
  mergeOutputs,
  recordedOutputs,
  refsOf,
  returned,
  type RecordedOutput,
  type TracedOutput,
} from './named-tensors.js';
import { record, type RefOf, type Recording } from './recording.js';
import { standIn } from './stand-ins.js';

/** What a traced function takes under one name. */
export interface InputSignature {
  dtype: FeedType;
  /** A name like `'B'` or `'L'` is an axis whose length differs from call to call; null is `'B'`. */
  shape: readonly AxisLength[];
}

/** A function as the list of ops that it runs, for all sizes of the named axes. Holds no tensors but the caller's parameters. */
export interface TracedProgram extends MergedRecording {
  inputs: Signature;
  /** The caller's tensors: a program that is written while they live holds their values of that moment. */
  parameters: Readonly<Record<string, tf.Tensor>>;
  outputs: Readonly<Record<string, TracedOutput>>;
}

type Signature = Readonly<Record<string, InputSignature>>;
type Tensors<Names> = { [K in keyof Names]: tf.Tensor };

interface TraceOptions<P, I> {
  inputs: I;
  parameters: P;
}

/**
 * Runs a function at a few sizes of its named axes, notes what the engine is asked to do, and explains every constant
 * that changes with them. The function may use any tfjs op whose kernel works without reading values; a value that is the same in
 * all runs (a learning rate, a flag) becomes part of the program.
 *
 * @param fn called with the parameters and with stand-in inputs (ones for float32, zeros for int32); returns named tensors
 * @returns the program; `parameters` stay the caller's
 * @throws TRACE_UNSUPPORTED when the function reads tensors on the host, is random or asynchronous, uses a tensor from
 *   outside, or does other things at other batch sizes
 * @throws SHAPE_MISMATCH when an op gets tensors that do not fit each other
 * @throws DTYPE_MISMATCH when an input is declared with another dtype than float32 and int32
 * @throws USAGE when the inputs or the parameters are no objects
 */
export function traceFunction<P extends Record<string, tf.Tensor>, I extends Signature, O extends Tensors<O>>(
  fn: (parameters: P, inputs: Tensors<I>) => O,
  options: TraceOptions<P, I>,
): TracedProgram {
  assertRecord(options, 'A function is traced with', '{ inputs, parameters }');
  const { inputs, parameters } = options;
  assertRecord(inputs, 'inputs must be', "{ x_BF: { dtype: 'float32', shape: ['B', 3] } }");
  assertRecord(parameters, 'parameters must be', '{ name: tensor }, perhaps without any');
  for (const [name, signature] of Object.entries(inputs)) assertInputSignature(name, signature, parameters);
  const points = recordingPoints(axesOf(Object.values(inputs).map(({ shape }) => shape)));
  const recordings = points.map((sizes) => recordAt(sizes, fn, inputs, parameters));
  const merged = mergeRecordings(recordings, points);
  const outputs = recordings.map(({ result }) => result);
  assertSameResults('The function', outputs.map(refsOf), points);
  return { ...merged, inputs, parameters, outputs: mergeOutputs(outputs) };
}

function recordAt<P extends Record<string, tf.Tensor>, I extends Signature>(
  sizes: AxisSizes,
  fn: (parameters: P, inputs: Tensors<I>) => object,
  signature: I,
  parameters: P,
): Recording<Record<string, RecordedOutput>> {
  return inTidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(signature).map(([name, { dtype, shape }]) => [
        name,
        standIn(dtype, shapeAt(shape, sizes)),
      ]),
    ) as Tensors<I>; // one per name of the signature
    const run = (refOf: RefOf) => namedOutputs(fn(parameters, inputs), refOf);
    return record(givenRefs({ ...parameters, ...inputs }), run, { sizes });
  });
}

function namedOutputs(result: object, refOf: RefOf): Record<string, RecordedOutput> {
  const outputs = returned('The function', result);
  if (Object.keys(outputs).length > 0) return recordedOutputs('The function', outputs, refOf);
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    'The function must return named tensors, like { logit_BK }. Fix: return an object of tensors.',
  );
}

const DTYPES: readonly unknown[] = ['float32', 'int32'] satisfies FeedType[];

function assertInputSignature(
  name: string,
  { dtype, shape }: InputSignature,
  parameters: Record<string, tf.Tensor>,
): void {
  if (!DTYPES.includes(dtype))
    throw new AssayError(
      'DTYPE_MISMATCH',
      `Input '${name}' has the dtype ${inspect(dtype)}; a traced function takes 'float32' and 'int32'. Fix: declare one of these, and cast before or inside.`,
    );
  if (Object.hasOwn(parameters, name)) {
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `'${name}' is both an input and a parameter. Fix: rename one of them.`,
    );
  }
  if (!shape.every((length) => typeof length !== 'number' || (Number.isInteger(length) && length > 0))) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `Input '${name}' has the shape [${shape.join(', ')}]; every axis must be a name like 'B', null or a positive integer. Fix: give the real lengths.`,
    );
  }
}
