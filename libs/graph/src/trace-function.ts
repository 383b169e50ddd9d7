import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { axesOf, recordingPoints, shapeAt, type AxisLength, type AxisSizes } from './axes.js';
import type { FeedType } from './data-types.js';
import { mergeRecordings, type MergedRecording } from './merge-recordings.js';
import { dataTypeOf, record, type Recording, type ValueRef } from './recording.js';
import { engineIdOf, isTensor, standIn } from './stand-ins.js';

/** What a traced function takes under one name. */
export interface InputSignature {
  dtype: FeedType;
  /** A name like `'B'` or `'L'` is an axis whose length differs from call to call; null is `'B'`. */
  shape: readonly AxisLength[];
}

/** What a traced function gives under one name. */
export interface OutputSignature {
  ref: ValueRef;
  /** null is an axis whose length depends on those of the inputs. */
  shape: readonly (number | null)[];
}

/** A function as the list of ops that it runs, for all sizes of the named axes. Holds no tensors but the caller's parameters. */
export interface TracedProgram extends MergedRecording {
  inputs: Signature;
  /** The caller's tensors: a program that is written while they live holds their values of that moment. */
  parameters: Readonly<Record<string, tf.Tensor>>;
  outputs: Readonly<Record<string, OutputSignature>>;
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
 */
export function traceFunction<P extends Record<string, tf.Tensor>, I extends Signature, O extends Tensors<O>>(
  fn: (parameters: P, inputs: Tensors<I>) => O,
  { inputs, parameters }: TraceOptions<P, I>,
): TracedProgram {
  for (const [name, { shape }] of Object.entries(inputs)) assertInputSignature(name, shape, parameters);
  const points = recordingPoints(axesOf(Object.values(inputs).map(({ shape }) => shape)));
  const recordings = points.map((sizes) => recordAt(sizes, fn, inputs, parameters));
  const merged = mergeRecordings(recordings, points);
  return { ...merged, inputs, parameters, outputs: mergeOutputs(recordings) };
}

type Outputs = Record<string, { ref: ValueRef; shape: readonly number[] }>;

function recordAt<P extends Record<string, tf.Tensor>, I extends Signature>(
  sizes: AxisSizes,
  fn: (parameters: P, inputs: Tensors<I>) => object,
  signature: I,
  parameters: P,
): Recording<Outputs> {
  let recording: Recording<Outputs> | undefined;
  // Not returned through tidy, which would look for tensors in every array of the recording.
  tf.tidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(signature).map(([name, { dtype, shape }]) => [
        name,
        standIn(dtype, shapeAt(shape, sizes)),
      ]),
    ) as Tensors<I>; // one per name of the signature
    const given = new Map<number, ValueRef>();
    for (const [name, tensor] of [
      ...Object.entries<tf.Tensor>(parameters),
      ...Object.entries<tf.Tensor>(inputs),
    ]) {
      given.set(engineIdOf(tensor), { kind: 'given', name, dtype: dataTypeOf(tensor.dtype) });
    }
    recording = record(given, (refOf) =>
      namedOutputs(fn(parameters, inputs), (tensor) => refOf(engineIdOf(tensor))),
    );
  });
  if (recording === undefined) throw new AssayError('INTERNAL', 'tidy did not run the function');
  return recording;
}

function namedOutputs(result: object, refOf: (tensor: tf.Tensor) => ValueRef): Outputs {
  if (result instanceof Promise) {
    result.catch(() => undefined); // it failed or will fail because of the tracing; the error below says why
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      'The function is asynchronous; it returned a Promise. Fix: make it a plain function that returns named tensors.',
    );
  }
  const entries = Object.entries(result) as [string, unknown][];
  if (isTensor(result) || entries.length === 0) {
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      'The function must return named tensors, like { logit_BK }. Fix: return an object of tensors.',
    );
  }
  return Object.fromEntries(
    entries.map(([name, tensor]) => {
      if (!isTensor(tensor)) {
        throw new AssayError(
          'TRACE_UNSUPPORTED',
          `The function returned '${name}' of type ${typeof tensor}, expected a tensor. Fix: return an object of tensors only.`,
        );
      }
      return [name, { ref: refOf(tensor), shape: tensor.shape }];
    }),
  );
}

function mergeOutputs(recordings: readonly Recording<Outputs>[]): Record<string, OutputSignature> {
  const [first] = recordings;
  return Object.fromEntries(
    Object.entries(first?.result ?? {}).map(([name, { ref, shape }]) => {
      const refs = recordings.map(({ result }) => JSON.stringify(result[name]?.ref));
      if (refs.some((other) => other !== refs[0])) {
        throw new AssayError(
          'TRACE_UNSUPPORTED',
          `The function computes its result '${name}' from other ops at other sizes. Fix: use ops that work on the whole batch.`,
        );
      }
      const fixed = shape.map((length, axis) =>
        recordings.every(({ result }) => result[name]?.shape[axis] === length) ? length : null,
      );
      return [name, { ref, shape: fixed }];
    }),
  );
}

function assertInputSignature(
  name: string,
  shape: InputSignature['shape'],
  parameters: Record<string, tf.Tensor>,
): void {
  if (name in parameters) {
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
